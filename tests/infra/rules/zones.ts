import { listDeployed } from "../template/deployed-functions.ts";
import { placeOf } from "../template/networks.ts";
import { type Rule, saying } from "./rule.ts";

/**
 * Where functions of a zone run: the mind in its network, hands and edge in none (they need the world, or DynamoDB alone), the sandbox in a
 * network of its own. A function that serves one tenant a time is made so, and only such a one.
 */
export const zones: Rule = ({ assembly }) => {
  const placed = listDeployed(assembly).map((deployed) => ({ ...deployed, place: placeOf(assembly, deployed) }));
  const networksOf = (zone: string) => new Set(placed.filter(({ settings }) => settings.zone === zone).flatMap(({ place }) => place.vpcs));
  const [mind, sandbox] = [networksOf("mind"), networksOf("sandbox")];
  const groups = new Set(placed.filter(({ settings }) => settings.zone === "mind").flatMap(({ place }) => place.groups));
  return [
    ...saying(
      [mind.size !== 1, `The mind runs in ${mind.size} networks, not in one.`],
      [groups.size !== 1, `Mind functions are in ${groups.size} security groups, not in one.`],
      [[...sandbox].some((vpc) => mind.has(vpc)), "The sandbox shares a network with the mind."],
    ),
    ...placed.flatMap(({ entry, settings, place, properties }) => {
      const isInside = settings.zone === "mind" || settings.zone === "sandbox";
      const tenancy = JSON.stringify(properties["TenancyConfig"] ?? {});
      return saying(
        [isInside && place.subnets.length < 2, `${entry} is in the ${settings.zone} zone and runs in ${place.subnets.length} subnets.`],
        [!isInside && place.subnets.length > 0, `${entry} is in the ${settings.zone} zone and runs in a network.`],
        [isInside && place.groups.length !== 1, `${entry} has ${place.groups.length} security groups, not one.`],
        [settings.isPerTenant === true && !tenancy.includes("PER_TENANT"), `${entry} serves several tenants from one environment.`],
        [
          settings.isPerTenant !== true && tenancy.includes("PER_TENANT"),
          `${entry} is isolated by tenant, which nobody who invokes it names.`,
        ],
      );
    }),
  ];
};

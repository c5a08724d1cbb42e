import type { Assembly } from "../template/assembly.ts";
import { listDeployed } from "../template/deployed-functions.ts";
import { listInVpc, listRoutes, listTrafficRules, placeOf } from "../template/networks.ts";
import { type Located, listResources } from "../template/resources.ts";
import { compareLists, type Rule, saying } from "./rule.ts";

/** Of what the mind needs beside its database, these are met by gateway endpoints for nothing, whatever the switch says. */
const free = ["dynamodb", "s3"];
/** And these by interface endpoints where there is no way to the internet at all. */
const paid = ["secretsmanager", "sqs", "states"];

/** Set for the mind alone, and only where the SDK's usual names lead nowhere. */
const dualStack: Readonly<Record<string, string>> = { AWS_USE_DUALSTACK_ENDPOINT: "true", NODE_OPTIONS: "--dns-result-order=ipv6first" };

/** The switch `egress` sets routes, endpoints, gateways and the functions' environment together. */
export const egress: Rule = ({ assembly, config }) => {
  const mind = listDeployed(assembly).filter(({ settings }) => settings.zone === "mind");
  const places = mind.map((deployed) => placeOf(assembly, deployed));
  const [vpc = ""] = places.flatMap(({ vpcs }) => vpcs);
  const subnets = [...new Set(places.flatMap((place) => place.subnets))];
  return [
    ...judgeRoutes(assembly, subnets, config.egress),
    ...judgeEndpoints(listInVpc(assembly, vpc, "AWS::EC2::VPCEndpoint"), config.egress),
    ...judgeEnvironment(assembly, config.egress),
    ...mind.flatMap(({ entry, properties }) => {
      const isAllowed = JSON.stringify(properties["VpcConfig"]).includes('"Ipv6AllowedForDualStack":true');
      return saying([
        isAllowed !== (config.egress === "ipv6"),
        `${entry} ${isAllowed ? "has" : "has not"} IPv6 where egress is ${config.egress}.`,
      ]);
    }),
    ...saying([
      listTrafficRules(assembly).some(({ direction, peer }) => direction === "out" && peer === "::/0") !== (config.egress === "ipv6"),
      `The groups do not fit an egress of ${config.egress}: IPv6 goes out with ipv6 alone.`,
    ]),
  ];
};

type Switch = "ipv6" | "endpoints" | "nat";

const wantedRoutes: Readonly<Record<Switch, string>> = { ipv6: "EgressOnlyInternetGatewayId", endpoints: "", nat: "NatGatewayId" };

const wantedGateways: Readonly<Record<Switch, readonly string[]>> = {
  ipv6: ["AWS::EC2::EgressOnlyInternetGateway"],
  endpoints: [],
  // A network of both kinds of addresses always has the gateway for IPv6. With `nat` no function has such an address, and no rule lets it out.
  nat: ["AWS::EC2::NatGateway", "AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway"],
};

function judgeRoutes(assembly: Assembly, subnets: readonly string[], egressSwitch: Switch): readonly string[] {
  const wanted = wantedRoutes[egressSwitch];
  const routes = listRoutes(assembly, subnets);
  const right = routes.filter(({ properties }) => wanted !== "" && properties[wanted] !== undefined);
  const isHarmless = ({ properties }: Located) => egressSwitch === "nat" && properties["EgressOnlyInternetGatewayId"] !== undefined;
  const gateways = listResources(assembly, "AWS::EC2::NatGateway", "AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway");
  const known = wantedGateways[egressSwitch];
  return [
    ...routes
      .filter((route) => !right.includes(route) && !isHarmless(route))
      .map(({ path }) => `${path} leads out of the mind's subnets where egress is ${egressSwitch}.`),
    ...saying([
      wanted !== "" && right.length < subnets.length,
      `${right.length} of ${subnets.length} subnets of the mind have the way out of egress ${egressSwitch}.`,
    ]),
    ...gateways
      .filter(({ type }) => !known.includes(type))
      .map(({ path }) => `${path} is a gateway that egress ${egressSwitch} does not need.`),
  ];
}

function judgeEndpoints(endpoints: readonly Located[], egressSwitch: Switch): readonly string[] {
  const services = endpoints.map(({ text, properties }) => ({
    service: text(properties["ServiceName"]).split(".").at(-1) ?? "",
    isFree: properties["VpcEndpointType"] === "Gateway",
  }));
  const named = (isFree: boolean) => services.filter((endpoint) => endpoint.isFree === isFree).map(({ service }) => service);
  const say = {
    missing: (name: string) => `The mind cannot reach ${name} where egress is ${egressSwitch}: an endpoint is missing.`,
    extra: (name: string) => `The endpoint of ${name} is not needed where egress is ${egressSwitch}.`,
  };
  return [...compareLists(named(true), free, say), ...compareLists(named(false), egressSwitch === "endpoints" ? paid : [], say)];
}

function judgeEnvironment(assembly: Assembly, egressSwitch: Switch): readonly string[] {
  return listDeployed(assembly).flatMap(({ entry, settings, environment }) =>
    Object.entries(dualStack).flatMap(([name, value]) => {
      const wanted = settings.zone === "mind" && egressSwitch === "ipv6" ? value : undefined;
      return saying([
        environment[name] !== wanted,
        `${entry} is told ${name}=${environment[name] ?? ""} where egress is ${egressSwitch}, not ${wanted ?? "nothing"}.`,
      ]);
    }),
  );
}

import { ATTACH_INTERFACE, WRITE_LOGS } from "../code/sdk-rights.ts";
import type { Assembly } from "../template/assembly.ts";
import { listDeployed } from "../template/deployed-functions.ts";
import { listInVpc, listRoutes, listTrafficRules, placeOf } from "../template/networks.ts";
import { findTarget } from "../template/resolve.ts";
import { listResources } from "../template/resources.ts";
import { listRoleStatements } from "../template/statements.ts";
import { type Rule, saying } from "./rule.ts";

const LINKS = ["AWS::EC2::VPCPeeringConnection", "AWS::EC2::TransitGatewayAttachment", "AWS::EC2::VPNGateway"];

/** Whoever breaks out of the sandbox's process finds no name service, no route, no endpoint, no right and no secret. */
export const sandboxNetwork: Rule = ({ assembly }) =>
  listDeployed(assembly)
    .filter(({ settings }) => settings.zone === "sandbox")
    .flatMap((deployed) => {
      const { subnets, groups, vpcs } = placeOf(assembly, deployed);
      const statements = listRoleStatements(assembly, deployed.role ?? "");
      const allowed = statements.filter(({ effect }) => effect === "Allow").flatMap(({ actions }) => actions);
      const denied = statements.filter(
        ({ effect, condition }) => effect === "Deny" && JSON.stringify(condition ?? {}).includes("lambda:SourceFunctionArn"),
      );
      const rules = listTrafficRules(assembly).filter(({ group }) => groups.includes(group));
      const mapped = listResources(assembly, "AWS::Lambda::EventSourceMapping").some(
        ({ text, properties }) => findTarget(text(properties["FunctionName"])) === deployed.path,
      );
      return [
        ...vpcs.flatMap((vpc) => judgeNetwork(assembly, vpc)),
        ...listRoutes(assembly, subnets).map(({ path }) => `${path} leads out of the sandbox's subnets.`),
        ...rules.map(({ group, direction, peer }) => `${group} lets traffic ${direction} for ${peer}: a sandbox speaks to nobody.`),
        ...allowed
          .filter((action) => ![...WRITE_LOGS, ...ATTACH_INTERFACE].includes(action))
          .map((action) => `${deployed.entry} may do ${action}: beside its log it needs nothing.`),
        ...ATTACH_INTERFACE.filter((action) => !denied.some(({ actions }) => actions.includes(action))).map(
          (action) => `${deployed.entry} may itself do ${action}, which only Lambda needs in its name.`,
        ),
        ...Object.keys(deployed.environment)
          .filter((name) => !name.startsWith("SANDBOX_"))
          .map((name) => `${deployed.entry} is told ${name}: a sandbox knows its own limits only.`),
        ...saying([mapped, `${deployed.entry} is handed a queue: messages name no tenant.`]),
      ];
    });

function judgeNetwork(assembly: Assembly, vpc: string): readonly string[] {
  const network = listResources(assembly, "AWS::EC2::VPC").find(({ path }) => path === vpc);
  const gateways = listInVpc(
    assembly,
    vpc,
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::VPCCidrBlock",
  );
  const endpoints = listInVpc(assembly, vpc, "AWS::EC2::VPCEndpoint");
  const links = listResources(assembly, ...LINKS).filter(({ properties, text }) =>
    text(properties).includes(`"${vpc.split("/")[1] ?? ""}"`),
  );
  return [
    ...saying([network?.properties["EnableDnsSupport"] !== false, `${vpc} answers questions for names, which leave an isolated subnet.`]),
    ...[...gateways, ...endpoints, ...links].map(({ path }) => `${path} gives the sandbox's network a way out.`),
  ];
}

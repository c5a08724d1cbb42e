import type { Assembly } from "./assembly.ts";
import type { Deployed } from "./deployed-functions.ts";
import { findTarget, isRecord } from "./resolve.ts";
import { type Located, listOf, listResources, property, recordsOf } from "./resources.ts";

/** Where a function runs, by paths; empty for one outside any network of ours. */
export type Place = { readonly subnets: readonly string[]; readonly groups: readonly string[]; readonly vpcs: readonly string[] };

export function placeOf(assembly: Assembly, deployed: Deployed): Place {
  const targets = (key: string) => listOf(property(deployed, "VpcConfig", key)).flatMap((value) => findTarget(deployed.text(value)) ?? []);
  const subnets = targets("SubnetIds");
  return { subnets, groups: targets("SecurityGroupIds"), vpcs: [...new Set(subnets.flatMap((subnet) => vpcOf(assembly, subnet) ?? []))] };
}

/** The network that a resource names in `VpcId`. */
function vpcOf(assembly: Assembly, path: string): string | undefined {
  const found = listResources(assembly).find((resource) => resource.path === path);
  return found === undefined ? undefined : findTarget(found.text(found.properties["VpcId"]));
}

/** Resources of some types that belong to a network. */
export function listInVpc(assembly: Assembly, vpc: string, ...types: readonly string[]): readonly Located[] {
  return listResources(assembly, ...types).filter(({ text, properties }) => findTarget(text(properties["VpcId"])) === vpc);
}

/** The routes that the subnets' tables have, beside the one inside the network, which no template lists. */
export function listRoutes(assembly: Assembly, subnets: readonly string[]): readonly Located[] {
  const tables = listResources(assembly, "AWS::EC2::SubnetRouteTableAssociation")
    .filter(({ text, properties }) => subnets.includes(findTarget(text(properties["SubnetId"])) ?? ""))
    .map(({ text, properties }) => findTarget(text(properties["RouteTableId"])));
  return listResources(assembly, "AWS::EC2::Route").filter(({ text, properties }) =>
    tables.includes(findTarget(text(properties["RouteTableId"]))),
  );
}

export type TrafficRule = {
  readonly group: string;
  readonly direction: "in" | "out";
  /** A range of addresses, or the path of a group. */
  readonly peer: string;
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
};

/** CDK writes a rule that no packet fits where there is none, because CloudFormation would allow everything. */
const isNothing = ({ peer }: TrafficRule) => peer === "255.255.255.255/32";

/** What security groups let in and out, whether it stands in the group or beside it. */
export function listTrafficRules(assembly: Assembly): readonly TrafficRule[] {
  const groups = listResources(assembly, "AWS::EC2::SecurityGroup");
  const own = groups.flatMap((group) => [
    ...recordsOf(group.properties["SecurityGroupIngress"]).map((rule) => toRule(group, group.path, "in", rule)),
    ...recordsOf(group.properties["SecurityGroupEgress"]).map((rule) => toRule(group, group.path, "out", rule)),
  ]);
  const beside = listResources(assembly, "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress").map((rule) => {
    const direction = rule.type.endsWith("Ingress") ? "in" : "out";
    return toRule(rule, findTarget(rule.text(rule.properties["GroupId"])) ?? "", direction, rule.properties);
  });
  return [...own, ...beside].filter((rule) => !isNothing(rule));
}

function toRule({ text }: Located, group: string, direction: TrafficRule["direction"], rule: unknown): TrafficRule {
  const given = isRecord(rule) ? rule : {};
  const other = given["SourceSecurityGroupId"] ?? given["DestinationSecurityGroupId"];
  const range = given["CidrIp"] ?? given["CidrIpv6"] ?? given["SourcePrefixListId"] ?? given["DestinationPrefixListId"];
  return {
    group,
    direction,
    peer: other === undefined ? text(range) : (findTarget(text(other)) ?? text(other)),
    protocol: String(given["IpProtocol"]),
    from: Number(given["FromPort"] ?? 0),
    to: Number(given["ToPort"] ?? 65_535),
  };
}

/** A group that CloudFormation gives a rule of its own, which lets everything out, because the template says nothing. */
export function leavesEgressOpen(group: Located): boolean {
  return group.properties["SecurityGroupEgress"] === undefined;
}

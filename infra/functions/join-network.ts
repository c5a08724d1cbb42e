import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { StageConfig } from "../config/stage-config.ts";
import type { NetworkPlace } from "../stacks/data-resources.ts";
import type { Permission } from "./permissions.ts";

export type Network =
  | { readonly zone: "mind"; readonly place: NetworkPlace; readonly egress: StageConfig["egress"] }
  | { readonly zone: "sandbox"; readonly place: NetworkPlace };

type Joined = {
  readonly props: Pick<lambda.FunctionProps, "vpc" | "vpcSubnets" | "securityGroups" | "ipv6AllowedForDualStack">;
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
};

/** What Lambda does in a function's name to reach its subnets. EC2 knows no resource for these. */
const INTERFACE_ACTIONS = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];

/** What a function needs to run in its network, and what it is told of it. */
export function joinNetwork(network: Network | undefined): Joined {
  if (network === undefined) return { props: {}, environment: {}, permissions: [] };
  const { vpc, subnets, securityGroup } = network.place;
  const props = { vpc, vpcSubnets: subnets, securityGroups: [securityGroup] };
  const attach = new iam.PolicyStatement({ actions: INTERFACE_ACTIONS, resources: ["*"] });
  if (network.zone === "sandbox") return { props, environment: {}, permissions: [attach, denyFromCode()] };
  const isDualStack = network.egress === "ipv6";
  return {
    props: { ...props, ...(isDualStack ? { ipv6AllowedForDualStack: true } : {}) },
    // The SDK's default names have IPv4 addresses only, which lead nowhere from here.
    environment: isDualStack ? { AWS_USE_DUALSTACK_ENDPOINT: "true", NODE_OPTIONS: "--dns-result-order=ipv6first" } : {},
    permissions: [attach],
  };
}

/** Lambda itself names no source function when it prepares the network; a call that the function makes does, and is refused. */
function denyFromCode(): Permission {
  return new iam.PolicyStatement({
    effect: iam.Effect.DENY,
    actions: INTERFACE_ACTIONS,
    resources: ["*"],
    conditions: { Null: { "lambda:SourceFunctionArn": "false" } },
  });
}

import { addStatement, allow, inside, statementOn, variablesOf } from "./draft.ts";
import type { Mutation } from "./mutation.ts";

const GROUP = "AWS::EC2::SecurityGroup";
const ROUTE = "AWS::EC2::Route";

/** A rule that lets everything through. */
const everything = { IpProtocol: "-1", CidrIp: "0.0.0.0/0" };

export const networkMutations: readonly Mutation[] = [
  {
    rule: "zones",
    mistake: "a mind function runs in no network",
    make: (draft) => {
      delete draft.lambda("memory/http").Properties["VpcConfig"];
    },
  },
  ...(["ai-runtime/llm-worker", "gateway/authorizer"] as const).map(
    (entry): Mutation => ({
      rule: "zones",
      mistake: `${entry} runs in the network of the mind`,
      make: (draft) => {
        draft.lambda(entry).Properties["VpcConfig"] = draft.lambda("memory/http").Properties["VpcConfig"];
      },
    }),
  ),
  {
    rule: "zones",
    mistake: "the sandbox runs in the network of the mind",
    make: (draft) => {
      draft.lambda("tool-runner/sandbox").Properties["VpcConfig"] = draft.lambda("memory/http").Properties["VpcConfig"];
    },
  },
  {
    rule: "zones",
    mistake: "workspaces share an environment of the sandbox",
    make: (draft) => {
      delete draft.lambda("tool-runner/sandbox").Properties["TenancyConfig"];
    },
  },
  {
    rule: "zones",
    mistake: "a function is isolated by a tenant that nobody names",
    make: (draft) => {
      draft.lambda("orchestrator/ledger").Properties["TenancyConfig"] = { TenantIsolationMode: "PER_TENANT" };
    },
  },
  {
    rule: "sandbox-network",
    mistake: "names are answered in the sandbox's network",
    make: (draft) => {
      draft.one("AWS::EC2::VPC", "SandboxNetwork").Properties["EnableDnsSupport"] = true;
    },
  },
  {
    rule: "sandbox-network",
    mistake: "a route leads out of the sandbox",
    make: (draft) =>
      draft.add("data", "Leak", {
        Type: ROUTE,
        Properties: {
          RouteTableId: draft.ref(draft.one("AWS::EC2::RouteTable", "SandboxNetwork")),
          DestinationCidrBlock: "0.0.0.0/0",
          GatewayId: "igw",
        },
      }),
  },
  {
    rule: "sandbox-network",
    mistake: "an endpoint stands in the sandbox's network",
    make: (draft) =>
      draft.add("data", "Leak", {
        Type: "AWS::EC2::VPCEndpoint",
        Properties: {
          VpcId: draft.ref(draft.one("AWS::EC2::VPC", "SandboxNetwork")),
          ServiceName: "com.amazonaws.us-east-1.s3",
          VpcEndpointType: "Gateway",
        },
      }),
  },
  {
    rule: "sandbox-network",
    mistake: "the sandbox's network has a gateway to the internet",
    make: (draft) =>
      draft.add("data", "Leak", {
        Type: "AWS::EC2::VPCGatewayAttachment",
        Properties: { VpcId: draft.ref(draft.one("AWS::EC2::VPC", "SandboxNetwork")), InternetGatewayId: "igw" },
      }),
  },
  {
    rule: "sandbox-network",
    mistake: "the sandbox's group lets traffic out",
    make: (draft) => {
      draft.one(GROUP, "SandboxNetwork").Properties["SecurityGroupEgress"] = [everything];
    },
  },
  {
    rule: "sandbox-network",
    mistake: "the sandbox may read files",
    make: (draft) => allow(draft, "tool-runner/sandbox", "s3:GetObject", draft.arn(draft.queue("control"))),
  },
  {
    rule: "sandbox-network",
    mistake: "code of the sandbox may make interfaces itself",
    make: (draft) => {
      const denied = draft.statements(draft.role("tool-runner/sandbox")).find(({ Effect }) => Effect === "Deny");
      Object.assign(denied ?? {}, { Action: ["ec2:DescribeSubnets"] });
    },
  },
  {
    rule: "sandbox-network",
    mistake: "the sandbox is told where files are",
    make: (draft) => {
      variablesOf(draft, "tool-runner/sandbox")["WORKSPACE_BUCKET"] = "bucket";
    },
  },
  {
    rule: "security-groups",
    mistake: "the database is open to the network",
    make: (draft) => {
      draft.one(GROUP, "DatabaseGroup").Properties["SecurityGroupIngress"] = [
        { IpProtocol: "tcp", FromPort: 5432, ToPort: 5432, CidrIp: "10.20.0.0/16" },
      ];
    },
  },
  {
    rule: "security-groups",
    mistake: "the mind may send anything anywhere",
    make: (draft) => {
      draft.one(GROUP, "MindGroup").Properties["SecurityGroupEgress"] = [everything];
    },
  },
  {
    rule: "security-groups",
    mistake: "a group says nothing about what goes out",
    make: (draft) => {
      delete draft.one(GROUP, "CacheGroup").Properties["SecurityGroupEgress"];
    },
  },
  {
    rule: "security-groups",
    mistake: "all ports of the cache are open to the mind",
    make: (draft) => {
      Object.assign(draft.one("AWS::EC2::SecurityGroupIngress", "CacheGroup").Properties, { FromPort: 0, ToPort: 65_535 });
    },
  },
  {
    rule: "egress",
    mistake: "an endpoint is missing where there is no internet",
    make: (draft) => draft.remove("AWS::EC2::VPCEndpoint", "Sqs"),
  },
  { rule: "egress", mistake: "the free endpoint of S3 is missing", make: (draft) => draft.remove("AWS::EC2::VPCEndpoint", "NetworkVpcS3") },
  { rule: "egress", stage: "dev", mistake: "the way out over IPv6 is missing", make: (draft) => draft.remove(ROUTE, "mindSubnet1") },
  {
    rule: "egress",
    mistake: "a way out is left where there is to be none",
    make: (draft) =>
      draft.add("data", "Leak", {
        Type: ROUTE,
        Properties: {
          RouteTableId: draft.ref(draft.one("AWS::EC2::RouteTable", "mindSubnet1")),
          DestinationCidrBlock: "0.0.0.0/0",
          NatGatewayId: "nat",
        },
      }),
  },
  {
    rule: "egress",
    mistake: "a NAT gateway is paid for that nobody uses",
    make: (draft) => draft.add("data", "Nat", { Type: "AWS::EC2::NatGateway", Properties: {} }),
  },
  {
    rule: "egress",
    stage: "dev",
    mistake: "the SDK is not told of IPv6 where there is nothing else",
    make: (draft) => {
      delete variablesOf(draft, "planner/http")["AWS_USE_DUALSTACK_ENDPOINT"];
    },
  },
  {
    rule: "egress",
    mistake: "the SDK is told of IPv6 where endpoints have none",
    make: (draft) => {
      variablesOf(draft, "planner/http")["AWS_USE_DUALSTACK_ENDPOINT"] = "true";
    },
  },
  {
    rule: "egress",
    stage: "dev",
    mistake: "a hand is told of IPv6, which vendors of models may not have",
    make: (draft) => {
      variablesOf(draft, "ai-runtime/llm-worker")["NODE_OPTIONS"] = "--dns-result-order=ipv6first";
    },
  },
  {
    rule: "egress",
    stage: "dev",
    mistake: "a function has no address of the kind that leads out",
    make: (draft) => {
      delete inside(draft.lambda("planner/http"), "VpcConfig")["Ipv6AllowedForDualStack"];
    },
  },
  {
    rule: "sandbox-network",
    mistake: "the sandbox may write traces",
    make: (draft) => addStatement(draft.role("tool-runner/sandbox"), { Effect: "Allow", Action: "xray:PutTraceSegments", Resource: "*" }),
  },
  {
    rule: "sandbox-network",
    mistake: "the sandbox's log is everybody's",
    make: (draft) => {
      statementOn(draft, "tool-runner/sandbox", "logs:PutLogEvents")["Action"] = ["logs:PutLogEvents", "logs:CreateLogGroup"];
    },
  },
];

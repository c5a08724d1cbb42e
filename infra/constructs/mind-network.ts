import * as ec2 from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import type { NetworkPlace } from "../stacks/data-resources.ts";
import { interfaceOf } from "./interface-of.ts";
import { allowOwnAccountOnly } from "./own-account-policy.ts";
import { logRejections } from "./rejected-traffic.ts";

const HTTPS = ec2.Port.tcp(443);

/** Where mind functions, the database and the cache meet. What leads out of it follows from the switch `egress` alone. */
export class MindNetwork extends Construct {
  readonly vpc: ec2.IVpc;
  readonly mind: NetworkPlace;
  /** Subnets that no route leads out of. */
  readonly dataSubnets: ec2.SubnetSelection = { subnetGroupName: "data" };

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const vpc = new ec2.Vpc(this, "Vpc", {
      ipProtocol: ec2.IpProtocol.DUAL_STACK,
      ipAddresses: ec2.IpAddresses.cidr("10.20.0.0/16"),
      maxAzs: 2,
      natGateways: countNatGateways(config),
      // Without this a gateway to the internet is made for an address family that no subnet routes to.
      createInternetGateway: config.egress === "nat",
      subnetConfiguration: listSubnets(config),
    });
    logRejections(vpc, config);
    this.vpc = interfaceOf<ec2.IVpc>(vpc);
    this.mind = { vpc: this.vpc, subnets: { subnetGroupName: "mind" }, securityGroup: this.openMindGroup(config) };
    const gateways = { S3: ec2.GatewayVpcEndpointAwsService.S3, DynamoDb: ec2.GatewayVpcEndpointAwsService.DYNAMODB };
    for (const [name, service] of Object.entries(gateways)) {
      this.vpc.addGatewayEndpoint(name, { service, subnets: [this.mind.subnets] }).addToPolicy(allowOwnAccountOnly());
    }
    if (config.egress === "endpoints") this.openEndpoints();
  }

  /** A security group that only the mind reaches, on these ports, and that reaches nothing itself. */
  openGroupFor(id: string, description: string, ports: ec2.Port): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false, allowAllIpv6Outbound: false });
    group.connections.allowFrom(this.mind.securityGroup, ports, `${description}, for the mind`);
    return group;
  }

  private openMindGroup({ egress }: StageConfig): ec2.SecurityGroup {
    const group = new ec2.SecurityGroup(this, "MindGroup", {
      vpc: this.vpc,
      description: "Mind functions",
      allowAllOutbound: false,
      allowAllIpv6Outbound: false,
    });
    // Gateway endpoints are reached by the public IPv4 addresses of their services. Other IPv4 addresses have a route with `nat` only.
    group.addEgressRule(ec2.Peer.anyIpv4(), HTTPS, "S3 and DynamoDB by their gateway endpoints; the internet with NAT");
    if (egress === "ipv6") group.addEgressRule(ec2.Peer.anyIpv6(), HTTPS, "AWS by its dual-stack endpoints");
    return group;
  }

  private openEndpoints(): void {
    const group = this.openGroupFor("EndpointGroup", "Interface endpoints", HTTPS);
    const services = {
      Sqs: ec2.InterfaceVpcEndpointAwsService.SQS,
      States: ec2.InterfaceVpcEndpointAwsService.STEP_FUNCTIONS,
      Secrets: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
    };
    for (const [id, service] of Object.entries(services)) {
      this.vpc
        .addInterfaceEndpoint(id, { service, subnets: this.mind.subnets, securityGroups: [group], open: false })
        .addToPolicy(allowOwnAccountOnly());
    }
  }
}

/** The order keeps the addresses of earlier subnets when the switch is turned. */
function listSubnets({ egress }: StageConfig): ec2.SubnetConfiguration[] {
  return [
    {
      name: "mind",
      subnetType: egress === "endpoints" ? ec2.SubnetType.PRIVATE_ISOLATED : ec2.SubnetType.PRIVATE_WITH_EGRESS,
      cidrMask: 20,
    },
    { name: "data", subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
    ...(egress === "nat" ? [{ name: "public", subnetType: ec2.SubnetType.PUBLIC, cidrMask: 28, mapPublicIpOnLaunch: false }] : []),
  ];
}

/** One is enough to work; where readers survive the loss of a zone, the way out does too. */
function countNatGateways({ egress, readers }: StageConfig): number {
  if (egress !== "nat") return 0;
  return readers > 0 ? 2 : 1;
}

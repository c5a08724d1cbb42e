import * as ec2 from "aws-cdk-lib/aws-ec2";
import { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import type { NetworkPlace } from "../stacks/data-resources.ts";
import { interfaceOf } from "./interface-of.ts";
import { logRejections } from "./rejected-traffic.ts";

/** Where programs of strangers run: no route, no name service (queries would leave an isolated subnet), no endpoint, no rule. */
export class SandboxNetwork extends Construct {
  readonly place: NetworkPlace;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const network = new ec2.Vpc(this, "Vpc", {
      ipAddresses: ec2.IpAddresses.cidr("10.21.0.0/24"),
      maxAzs: 2,
      natGateways: 0,
      enableDnsSupport: false,
      enableDnsHostnames: false,
      subnetConfiguration: [{ name: "sandbox", subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 26 }],
    });
    logRejections(network, config);
    const vpc = interfaceOf<ec2.IVpc>(network);
    const securityGroup = new ec2.SecurityGroup(this, "Group", { vpc, description: "Programs of strangers", allowAllOutbound: false });
    this.place = { vpc, subnets: { subnetGroupName: "sandbox" }, securityGroup };
  }
}

import { Aws, Stack } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import { CfnServerlessCache, CfnUser, CfnUserGroup } from "aws-cdk-lib/aws-elasticache";
import type * as kms from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import type { DataResources } from "../stacks/data-resources.ts";
import type { MindNetwork } from "./mind-network.ts";

type CacheProps = {
  readonly config: StageConfig & { readonly cache: "valkey" | "redis" };
  readonly network: MindNetwork;
  readonly key: kms.IKey;
};

/** Commands on keys and scripts over them; nothing that reads or empties a whole cache. INFO is what the client asks when it connects. */
const RIGHTS = "on ~* -@all +@connection +@read +@write +@scripting -@dangerous +info";

/** ElastiCache Serverless. Whatever it holds can be made again; its user signs a password for each connection. */
export class ServerlessCache extends Construct {
  readonly access: DataResources["cache"];

  constructor(scope: Construct, id: string, { config, network, key }: CacheProps) {
    super(scope, id);
    const name = `cognition-${config.stage}`;
    const users = this.createUsers(name, config.cache);
    const group = new CfnUserGroup(this, "UserGroup", {
      userGroupId: name,
      engine: config.cache,
      userIds: users.map((user) => user.ref),
    });
    const cache = new CfnServerlessCache(this, "Cache", {
      serverlessCacheName: name,
      description: "What can be made again: counters, positions of events, copies",
      engine: config.cache,
      majorEngineVersion: config.cache === "valkey" ? "8" : "7",
      cacheUsageLimits: {
        dataStorage: { maximum: config.retain ? 5 : 1, unit: "GB" },
        ecpuPerSecond: { maximum: config.retain ? 10_000 : 1_000 },
      },
      kmsKeyId: key.keyArn,
      userGroupId: group.ref,
      subnetIds: network.vpc.selectSubnets(network.dataSubnets).subnetIds,
      // 6380 is where readers answer.
      securityGroupIds: [network.openGroupFor("CacheGroup", "Cache", ec2.Port.tcpRange(6379, 6380)).securityGroupId],
      ...(config.retain ? { snapshotRetentionLimit: 1, dailySnapshotTime: "04:00" } : {}),
    });
    this.access = {
      url: `rediss://${name}@${cache.attrEndpointAddress}:6379?auth=iam&cache=${name}`,
      connectArns: [this.nameArn("serverlesscache", name), this.nameArn("user", name)],
    };
  }

  private createUsers(name: string, engine: "valkey" | "redis"): CfnUser[] {
    const user = new CfnUser(this, "User", {
      userId: name,
      // A user that signs its password is called as its id.
      userName: name,
      engine,
      accessString: RIGHTS,
      authenticationMode: { Type: "iam" },
    });
    if (engine === "valkey") return [user];
    // A group of Redis needs a user called `default`, which is whoever does not say a name.
    const nobody = new CfnUser(this, "Nobody", {
      userId: `${name}-nobody`,
      userName: "default",
      engine,
      accessString: "off -@all",
      authenticationMode: { Type: "no-password-required" },
    });
    return [nobody, user];
  }

  private nameArn(kind: "serverlesscache" | "user", name: string): string {
    return `arn:${Aws.PARTITION}:elasticache:${Stack.of(this).region}:${Aws.ACCOUNT_ID}:${kind}:${name}`;
  }
}

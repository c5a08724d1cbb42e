import { Aws, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as logs from "aws-cdk-lib/aws-logs";
import * as rds from "aws-cdk-lib/aws-rds";
import { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import type { DatabaseLogin, DataResources } from "../stacks/data-resources.ts";
import { countConnections } from "./count-connections.ts";
import type { MindNetwork } from "./mind-network.ts";

const PORT = 5432;
const DATABASE = "cognition";

/** Logins of the migrations; the owner is RDS's own. */
const users = { http: "cognition_http", engine: "cognition_engine", owner: "cognition_owner" } as const;

type DatabaseProps = { readonly config: StageConfig; readonly network: MindNetwork; readonly key: kms.IKey };

/** Aurora PostgreSQL, Serverless v2. Logins sign their passwords where they use them; only the owner has one, which RDS keeps and rotates. */
export class Database extends Construct {
  readonly cluster: rds.DatabaseCluster;
  readonly access: DataResources["database"];

  constructor(scope: Construct, id: string, { config, network, key }: DatabaseProps) {
    super(scope, id);
    const clusterIdentifier = `cognition-${config.stage}`;
    const lines = new logs.LogGroup(this, "Lines", {
      logGroupName: `/aws/rds/cluster/${clusterIdentifier}/postgresql`,
      retention: config.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.cluster = new rds.DatabaseCluster(this, "Cluster", {
      ...describeCluster(config),
      clusterIdentifier,
      vpc: network.vpc,
      vpcSubnets: network.dataSubnets,
      securityGroups: [network.openGroupFor("DatabaseGroup", "PostgreSQL", ec2.Port.tcp(PORT))],
      credentials: rds.Credentials.fromUsername(users.owner, { encryptionKey: key }),
      storageEncryptionKey: key,
    });
    // RDS would make the log group itself, without a retention.
    this.cluster.node.addDependency(lines);
    this.access = this.describeAccess(clusterIdentifier, config);
  }

  private describeAccess(clusterIdentifier: string, { acu }: StageConfig): DataResources["database"] {
    const ownerSecretArn = this.cluster.secret?.secretArn ?? "";
    const place = `${this.cluster.clusterEndpoint.hostname}:${PORT}/${DATABASE}`;
    const stack = Stack.of(this);
    return {
      url: (login) =>
        login === "owner" ? `postgres://${place}?auth=secret&secret=${ownerSecretArn}` : `postgres://${users[login]}@${place}?auth=iam`,
      connectArn: (login: DatabaseLogin) =>
        `arn:${Aws.PARTITION}:rds-db:${stack.region}:${Aws.ACCOUNT_ID}:dbuser:${this.cluster.clusterResourceIdentifier}/${users[login]}`,
      ownerSecretArn,
      clusterIdentifier,
      maxConnections: countConnections(acu),
    };
  }
}

function describeCluster({ acu, readers, retain }: StageConfig): Omit<rds.DatabaseClusterProps, "vpc"> {
  return {
    engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_17_9 }),
    writer: rds.ClusterInstance.serverlessV2("Writer"),
    readers: Array.from({ length: readers }, (_, index) =>
      rds.ClusterInstance.serverlessV2(`Reader${index + 1}`, { scaleWithWriter: true }),
    ),
    serverlessV2MinCapacity: acu.min,
    serverlessV2MaxCapacity: acu.max,
    ...(acu.min === 0 ? { serverlessV2AutoPauseDuration: Duration.minutes(5) } : {}),
    defaultDatabaseName: DATABASE,
    port: PORT,
    parameters: {
      "rds.force_ssl": "1",
      // Milliseconds. A frozen function keeps its connection open, and a connection keeps the database awake.
      idle_session_timeout: "180000",
    },
    iamAuthentication: true,
    manageMasterUserPassword: true,
    storageEncrypted: true,
    cloudwatchLogsExports: ["postgresql"],
    backup: { retention: Duration.days(retain ? 35 : 7) },
    copyTagsToSnapshot: true,
    deletionProtection: retain,
    removalPolicy: retain ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
  };
}

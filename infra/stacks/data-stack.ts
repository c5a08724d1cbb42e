import { CfnOutput, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import * as kms from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { Database } from "../constructs/database.ts";
import { createKeyValueTable } from "../constructs/key-value-table.ts";
import { MindNetwork } from "../constructs/mind-network.ts";
import { SandboxNetwork } from "../constructs/sandbox-network.ts";
import { createJwtKeys, createOperatorSecret } from "../constructs/secrets.ts";
import { ServerlessCache } from "../constructs/serverless-cache.ts";
import { createWorkspaceBucket } from "../constructs/workspace-bucket.ts";
import type { DataResources } from "./data-resources.ts";

/** The services of docker-compose.local.yml, as containers see them. One login: roles are set for each transaction. */
const composeDatabase: DataResources["database"] = {
  url: () => "postgres://cognition:cognition@postgres:5432/cognition",
  maxConnections: 100,
};
const composeCache: DataResources["cache"] = { url: "redis://valkey:6379", connectArns: [] };

/** What must not be lost, and the networks around it. Everything else can be made again from the repository. */
export class DataStack extends Stack {
  readonly resources: DataResources;

  constructor(scope: Construct, id: string, { config, ...props }: StackProps & { readonly config: StageConfig }) {
    super(scope, id, { ...props, terminationProtection: config.retain });
    const key = new kms.Key(this, "Key", {
      description: `CognitionOS ${config.stage}: database, secrets, files, tables, cache`,
      enableKeyRotation: true,
      removalPolicy: config.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const kept = { key, retain: config.retain };
    this.resources = {
      key,
      ...(config.stage === "local" ? { database: composeDatabase, cache: composeCache } : this.createPlaces(config, key)),
      lookups: createKeyValueTable(this, "Lookups", kept),
      workspaces: createWorkspaceBucket(this, "Workspaces", kept),
      jwtKeys: createJwtKeys(this, "JwtKeys", kept),
      openAiKey: createOperatorSecret(this, "OpenAiKey", { ...kept, description: "The key of OpenAI or of a compatible server" }),
    };
    new CfnOutput(this, "OpenAiKeySecret", { value: this.resources.openAiKey.secretArn, description: "Where the operator puts the key" });
    new CfnOutput(this, "WorkspaceBucket", { value: this.resources.workspaces.bucketName });
  }

  private createPlaces(config: StageConfig, key: kms.IKey): Pick<DataResources, "network" | "database" | "cache"> {
    const network = new MindNetwork(this, "Network", config);
    const sandbox = new SandboxNetwork(this, "SandboxNetwork", config);
    return {
      network: { mind: network.mind, sandbox: sandbox.place },
      database: new Database(this, "Database", { config, network, key }).access,
      cache: this.createCache(config, network, key),
    };
  }

  private createCache(config: StageConfig, network: MindNetwork, key: kms.IKey): DataResources["cache"] {
    const { cache } = config;
    if (cache !== "dynamodb") return new ServerlessCache(this, "Cache", { config: { ...config, cache }, network, key }).access;
    // Apart from the look-ups, which decide who may enter: whoever counts requests must not be able to write those.
    const table = createKeyValueTable(this, "CacheItems", { key, retain: false });
    return { url: `dynamodb:${table.tableName}`, connectArns: [], table };
  }
}

import type * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import type * as ec2 from "aws-cdk-lib/aws-ec2";
import type * as kms from "aws-cdk-lib/aws-kms";
import type * as s3 from "aws-cdk-lib/aws-s3";
import type * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";

/** Where functions of a zone run. */
export type NetworkPlace = { readonly vpc: ec2.IVpc; readonly subnets: ec2.SubnetSelection; readonly securityGroup: ec2.ISecurityGroup };

/** Database logins by who uses them: HTTP functions, conductor and ledger, and the migrations. */
export type DatabaseLogin = "http" | "engine" | "owner";

/** What the Data stack keeps and the App stack works with. */
export type DataResources = {
  readonly key: kms.IKey;
  /** Absent in the stage `local`, where nothing runs in a VPC. */
  readonly network?: { readonly mind: NetworkPlace; readonly sandbox: NetworkPlace };
  readonly database: {
    /** What DATABASE_URL holds for a login; no password: tokens are signed where they are used. */
    url(login: DatabaseLogin): string;
    /** What `rds-db:connect` is allowed on for a login; absent where a password is used. */
    connectArn?(login: DatabaseLogin): string;
    /** The owner's password, kept and rotated by RDS; absent where there is no Aurora. */
    readonly ownerSecretArn?: string;
    readonly clusterIdentifier?: string;
    readonly maxConnections: number;
  };
  readonly cache: {
    readonly url: string;
    /** What `elasticache:Connect` is allowed on: the cache and its user; empty where the cache asks for nothing. */
    readonly connectArns: readonly string[];
    /** Where the cache is items of DynamoDB: their table. */
    readonly table?: dynamodb.ITable;
  };
  readonly lookups: dynamodb.ITable;
  readonly workspaces: s3.IBucket;
  readonly jwtKeys: secretsmanager.ISecret;
  readonly openAiKey: secretsmanager.ISecret;
};

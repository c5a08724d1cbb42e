import { inside, statementsOf, variablesOf } from "./draft.ts";
import type { Mutation } from "./mutation.ts";

const CLUSTER = "AWS::RDS::DBCluster";
const TABLE = "AWS::DynamoDB::Table";
const BUCKET = "AWS::S3::Bucket";

export const storeMutations: readonly Mutation[] = [
  ...(
    [
      ["EngineVersion", "15.4", "of a version without what migrations need"],
      ["EnableIAMDatabaseAuthentication", false, "without signed logins"],
      ["ManageMasterUserPassword", false, "with an owner's password for ever"],
    ] as const
  ).map(
    ([name, value, mistake]): Mutation => ({
      rule: "database",
      mistake: `the database is ${mistake}`,
      make: (draft) => {
        draft.one(CLUSTER).Properties[name] = value;
      },
    }),
  ),
  {
    rule: "database",
    mistake: "the database never sleeps",
    stage: "dev",
    make: (draft) => {
      inside(draft.one(CLUSTER), "ServerlessV2ScalingConfiguration")["MinCapacity"] = 0.5;
    },
  },
  {
    rule: "database",
    mistake: "connections of frozen functions keep the database awake",
    make: (draft) => {
      delete inside(draft.one("AWS::RDS::DBClusterParameterGroup"), "Parameters")["idle_session_timeout"];
    },
  },
  {
    rule: "database",
    mistake: "the database has a public address",
    make: (draft) => {
      draft.one("AWS::RDS::DBInstance").Properties["PubliclyAccessible"] = true;
    },
  },
  {
    rule: "database",
    mistake: "an HTTP function has the login of the engine",
    make: (draft) => {
      const variables = variablesOf(draft, "planner/http");
      variables["DATABASE_URL"] = variablesOf(draft, "orchestrator/conductor")["DATABASE_URL"];
    },
  },
  ...(
    [
      ["KeySchema", [{ AttributeName: "id", KeyType: "HASH" }], "keyed by another name than code asks for"],
      ["TimeToLiveSpecification", undefined, "made to forget nothing"],
      ["BillingMode", "PROVISIONED", "paid for while nobody asks"],
    ] as const
  ).map(
    ([name, value, mistake]): Mutation => ({
      rule: "tables",
      mistake: `the table of look-ups is ${mistake}`,
      make: (draft) => {
        draft.one(TABLE, "Lookups").Properties[name] = value;
      },
    }),
  ),
  {
    rule: "encryption",
    mistake: "the table is encrypted with a key of AWS",
    make: (draft) => {
      delete draft.one(TABLE, "Lookups").Properties["SSESpecification"];
    },
  },
  {
    rule: "encryption",
    mistake: "a secret is encrypted with a key of AWS",
    make: (draft) => {
      delete draft.one("AWS::SecretsManager::Secret", "JwtKeys").Properties["KmsKeyId"];
    },
  },
  {
    rule: "encryption",
    mistake: "the database's storage is not encrypted",
    make: (draft) => {
      draft.one(CLUSTER).Properties["StorageEncrypted"] = false;
    },
  },
  {
    rule: "encryption",
    mistake: "the database takes connections without TLS",
    make: (draft) => {
      inside(draft.one("AWS::RDS::DBClusterParameterGroup"), "Parameters")["rds.force_ssl"] = "0";
    },
  },
  {
    rule: "encryption",
    mistake: "files are encrypted with a key of S3",
    make: (draft) => {
      draft.one(BUCKET, "Workspaces").Properties["BucketEncryption"] = draft.one(BUCKET, "Dashboard").Properties["BucketEncryption"];
    },
  },
  {
    rule: "encryption",
    mistake: "files are answered over plain HTTP",
    make: (draft) => {
      const document = draft.one("AWS::S3::BucketPolicy", "Workspaces").Properties["PolicyDocument"];
      for (const statement of statementsOf(document)) delete statement["Condition"];
    },
  },
  {
    rule: "encryption",
    mistake: "messages are taken over plain HTTP",
    make: (draft) => draft.remove("AWS::SQS::QueuePolicy", "ResultsQueuePolicy"),
  },
  {
    rule: "encryption",
    mistake: "messages lie unencrypted",
    make: (draft) => {
      draft.queue("results").Properties["SqsManagedSseEnabled"] = false;
    },
  },
  {
    rule: "encryption",
    mistake: "the key is never rotated",
    make: (draft) => {
      delete draft.one("AWS::KMS::Key").Properties["EnableKeyRotation"];
    },
  },
  {
    rule: "encryption",
    mistake: "the cache has a user with a password",
    make: (draft) => {
      draft.one("AWS::ElastiCache::User").Properties["AuthenticationMode"] = { Type: "password", Passwords: ["change-me"] };
    },
  },
  {
    rule: "encryption",
    mistake: "the cache is encrypted with a key of AWS",
    make: (draft) => {
      delete draft.one("AWS::ElastiCache::ServerlessCache").Properties["KmsKeyId"];
    },
  },
  {
    rule: "buckets",
    mistake: "a bucket can be made public",
    make: (draft) => {
      inside(draft.one(BUCKET, "Workspaces"), "PublicAccessBlockConfiguration")["BlockPublicPolicy"] = false;
    },
  },
  {
    rule: "buckets",
    mistake: "a bucket is public",
    make: (draft) => {
      const document = draft.one("AWS::S3::BucketPolicy", "Dashboard").Properties["PolicyDocument"];
      for (const statement of statementsOf(document)) {
        if (statement["Effect"] === "Allow") statement["Principal"] = "*";
      }
    },
  },
  {
    rule: "buckets",
    mistake: "a bucket knows access lists",
    make: (draft) => {
      delete draft.one(BUCKET, "Workspaces").Properties["OwnershipControls"];
    },
  },
  ...([CLUSTER, TABLE, "AWS::KMS::Key", BUCKET, "AWS::SecretsManager::Secret"] as const).map(
    (type): Mutation => ({
      rule: "deletion",
      mistake: `a ${type.split("::").slice(1).join(" ")} goes with its stack`,
      make: (draft) => {
        draft.one(type).DeletionPolicy = "Delete";
      },
    }),
  ),
  {
    rule: "deletion",
    mistake: "a table goes when it is replaced",
    make: (draft) => {
      draft.one(TABLE, "Lookups").UpdateReplacePolicy = "Delete";
    },
  },
  {
    rule: "deletion",
    mistake: "the stack of the data can be deleted by one command",
    make: ({ synthesised }) => {
      for (const stack of synthesised.assembly.stacks) Object.assign(stack, { isProtected: false });
    },
  },
  {
    rule: "deletion",
    mistake: "a stage that is to be thrown away leaves data behind",
    stage: "dev",
    make: (draft) => {
      draft.one(BUCKET, "Workspaces").DeletionPolicy = "Retain";
    },
  },
  {
    rule: "deletion",
    mistake: "the database can be deleted",
    make: (draft) => {
      draft.one(CLUSTER).Properties["DeletionProtection"] = false;
    },
  },
  {
    rule: "deletion",
    mistake: "backups are kept for a day",
    make: (draft) => {
      draft.one(CLUSTER).Properties["BackupRetentionPeriod"] = 1;
    },
  },
  {
    rule: "deletion",
    mistake: "the table cannot be taken back to a moment",
    make: (draft) => {
      delete draft.one(TABLE, "Lookups").Properties["PointInTimeRecoverySpecification"];
    },
  },
  {
    rule: "deletion",
    mistake: "a file that is overwritten is lost",
    make: (draft) => {
      delete draft.one(BUCKET, "Workspaces").Properties["VersioningConfiguration"];
    },
  },
  {
    rule: "stateful-ids",
    mistake: "the database is renamed, and so made anew",
    make: (draft) => {
      const cluster = draft.one(CLUSTER);
      draft.remove(CLUSTER);
      draft.add("data", "Renamed", cluster);
    },
  },
  {
    rule: "stateful-ids",
    mistake: "a new table is not frozen",
    make: (draft) => draft.add("data", "NewTable", { Type: TABLE, Properties: {} }),
  },
  {
    rule: "stateful-ids",
    mistake: "the table moves to another stack",
    make: (draft) => {
      const table = draft.one(TABLE, "Lookups");
      draft.remove(TABLE, "Lookups");
      draft.add("app", "Lookups", table);
    },
  },
];

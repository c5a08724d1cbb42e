import type { FunctionEntry } from "../../../functions/function-table.ts";
import type { CodeFacts } from "../code/read-code.ts";
import { addStatement, allow, type Draft, inside, statementOn, variablesOf } from "./draft.ts";
import type { Mutation } from "./mutation.ts";

/** Lets a function's code do more, or less, than what it was found to do. */
function changeCode(draft: Draft, entry: FunctionEntry, change: Partial<CodeFacts>): void {
  Object.assign(draft.synthesised.code[entry], change);
}

export const permissionMutations: readonly Mutation[] = [
  {
    rule: "roles",
    mistake: "two functions share a role",
    make: (draft) => {
      draft.lambda("memory/http").Properties["Role"] = draft.lambda("planner/http").Properties["Role"];
    },
  },
  {
    rule: "roles",
    mistake: "a role may do all of a service",
    make: (draft) => allow(draft, "memory/http", "dynamodb:*", draft.arn(draft.queue("control"))),
  },
  { rule: "roles", mistake: "a role may do something to everything", make: (draft) => allow(draft, "memory/http", "s3:GetObject", "*") },
  {
    rule: "roles",
    mistake: "a role may do everything but something",
    make: (draft) =>
      addStatement(draft.role("memory/http"), { Effect: "Allow", NotAction: "iam:PassRole", Resource: draft.arn(draft.queue("control")) }),
  },
  {
    rule: "roles",
    mistake: "a role has a policy of AWS",
    make: (draft) => {
      draft.role("memory/http").Properties["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"];
    },
  },
  {
    rule: "roles",
    mistake: "a policy beside the role allows more",
    make: (draft) =>
      draft.add("app", "More", {
        Type: "AWS::IAM::Policy",
        Properties: {
          PolicyDocument: { Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }] },
          Roles: [draft.ref(draft.role("memory/http"))],
        },
      }),
  },
  {
    rule: "permissions",
    mistake: "code sends what its role does not allow",
    make: (draft) => changeCode(draft, "auth/http", { commands: [...draft.synthesised.code["auth/http"].commands, "UpdateItemCommand"] }),
  },
  {
    rule: "permissions",
    mistake: "code no longer sends what its role allows",
    make: (draft) =>
      changeCode(draft, "planner/http", {
        commands: draft.synthesised.code["planner/http"].commands.filter((name) => name !== "StopExecutionCommand"),
      }),
  },
  {
    rule: "permissions",
    mistake: "code sends a command that nobody has looked at",
    make: (draft) => changeCode(draft, "memory/http", { commands: ["ScanCommand"] }),
  },
  {
    rule: "permissions",
    mistake: "a role allows more than its code calls",
    make: (draft) => {
      statementOn(draft, "gateway/authorizer", "dynamodb:GetItem")["Action"] = ["dynamodb:GetItem", "dynamodb:PutItem"];
    },
  },
  {
    rule: "permissions",
    mistake: "a role may read all of a bucket",
    make: (draft) => {
      const statement = statementOn(draft, "tool-runner/tool-worker", "s3:GetObject");
      statement["Resource"] = JSON.parse(JSON.stringify(statement["Resource"]).replace("/workspaces/*", "/*"));
    },
  },
  {
    rule: "permissions",
    mistake: "a missing file would be answered as forbidden",
    make: (draft) => {
      statementOn(draft, "tool-runner/tool-worker", "s3:ListBucket")["Effect"] = "Deny";
    },
  },
  {
    rule: "permissions",
    mistake: "a missing file would be forbidden for want of a prefix",
    make: (draft) => {
      statementOn(draft, "planner/http", "s3:ListBucket")["Condition"] = { StringLike: { "s3:prefix": "workspaces/*" } };
    },
  },
  {
    rule: "permissions",
    mistake: "an encrypted table cannot be read",
    make: (draft) => {
      statementOn(draft, "gateway/authorizer", "kms:Decrypt")["Effect"] = "Deny";
    },
  },
  {
    rule: "permissions",
    mistake: "the key may be used directly",
    make: (draft) => {
      delete statementOn(draft, "gateway/authorizer", "kms:Decrypt")["Condition"];
    },
  },
  {
    rule: "permissions",
    mistake: "a function signs in as another than its role allows",
    make: (draft) => {
      const statement = statementOn(draft, "memory/http", "rds-db:connect");
      statement["Resource"] = JSON.parse(JSON.stringify(statement["Resource"]).replace("cognition_http", "cognition_engine"));
    },
  },
  {
    rule: "permissions",
    mistake: "the cache refuses a function that opens it",
    make: (draft) => {
      statementOn(draft, "orchestrator/conductor", "elasticache:Connect")["Action"] = "elasticache:DescribeUsers";
    },
  },
  {
    rule: "permissions",
    mistake: "Lambda cannot take messages for a function",
    make: (draft) => {
      statementOn(draft, "orchestrator/conductor", "sqs:ReceiveMessage")["Action"] = ["sqs:ReceiveMessage"];
    },
  },
  {
    rule: "permissions",
    mistake: "a function in a network cannot be attached to it",
    make: (draft) => {
      statementOn(draft, "memory/http", "ec2:CreateNetworkInterface")["Action"] = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
    },
  },
  {
    rule: "permissions",
    mistake: "a function writes into the log of another",
    make: (draft) => {
      statementOn(draft, "memory/http", "logs:PutLogEvents")["Resource"] = statementOn(draft, "planner/http", "logs:PutLogEvents")[
        "Resource"
      ];
    },
  },
  {
    rule: "environment",
    mistake: "code reads a variable that nobody sets",
    make: (draft) => {
      delete variablesOf(draft, "planner/http")["WORKSPACE_BUCKET"];
    },
  },
  {
    rule: "environment",
    mistake: "a variable is set that nothing reads",
    make: (draft) => {
      variablesOf(draft, "planner/http")["FEATURE_X"] = "on";
    },
  },
  {
    rule: "environment",
    mistake: "a variable is empty",
    make: (draft) => {
      variablesOf(draft, "planner/http")["DEFAULT_MODEL"] = "";
    },
  },
  {
    rule: "environment",
    mistake: "a variable is misspelt",
    make: (draft) => {
      const variables = variablesOf(draft, "gateway/authorizer");
      variables["LOOKUPS_TABLE"] = variables["LOOKUP_TABLE"];
      delete variables["LOOKUP_TABLE"];
    },
  },
  {
    rule: "secrets",
    mistake: "a key of a vendor stands in the template",
    make: (draft) => {
      variablesOf(draft, "ai-runtime/llm-worker")["OPENAI_BASE_URL"] = "https://models.example/?key=sk-abcdefghijklmnopqrstuvwx";
    },
  },
  {
    rule: "secrets",
    mistake: "a password stands in an address",
    make: (draft) => {
      variablesOf(draft, "memory/http")["DATABASE_URL"] = "postgres://app:hunter2@database.example:5432/cognition";
    },
  },
  {
    rule: "secrets",
    mistake: "a function is told a key itself",
    make: (draft) => {
      variablesOf(draft, "ai-runtime/llm-worker")["OPENAI_API_KEY"] = "{{resolve:secretsmanager:openai}}";
    },
  },
  {
    rule: "secrets",
    mistake: "the mind may read the key of a model",
    make: (draft) =>
      allow(draft, "planner/http", "secretsmanager:GetSecretValue", variablesOf(draft, "ai-runtime/llm-worker")["OPENAI_KEY_SECRET"]),
  },
  {
    rule: "secrets",
    mistake: "auth may not read the keys that it signs with",
    make: (draft) => {
      statementOn(draft, "auth/http", "secretsmanager:GetSecretValue")["Effect"] = "Deny";
    },
  },
  { rule: "key-rotation", mistake: "keys are never changed", make: (draft) => draft.remove("AWS::SecretsManager::RotationSchedule") },
  {
    rule: "key-rotation",
    mistake: "keys are changed once in three years",
    make: (draft) => {
      inside(draft.one("AWS::SecretsManager::RotationSchedule"), "RotationRules")["AutomaticallyAfterDays"] = 1_000;
    },
  },
  {
    rule: "key-rotation",
    mistake: "a new stage has no key for a month",
    make: (draft) => {
      draft.one("AWS::SecretsManager::RotationSchedule").Properties["RotateImmediatelyOnUpdate"] = false;
    },
  },
  {
    rule: "key-rotation",
    mistake: "another secret is rotated",
    make: (draft) => {
      draft.one("AWS::SecretsManager::RotationSchedule").Properties["SecretId"] = variablesOf(draft, "ai-runtime/llm-worker")[
        "OPENAI_KEY_SECRET"
      ];
    },
  },
  {
    rule: "key-rotation",
    mistake: "anybody may have keys rotated",
    make: (draft) => {
      delete draft.one("AWS::Lambda::Permission", "AuthRotateKeys").Properties["SourceArn"];
    },
  },
];

import { ArnFormat, Stack } from "aws-cdk-lib";
import type * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type { FunctionEntry } from "../../functions/function-table.ts";
import type { QueueName } from "../../functions/queue-table.ts";
import type { DatabaseLogin } from "../stacks/data-resources.ts";
import type { AppParts } from "./app-parts.ts";

/** What a function may do: a statement of its own role. Nothing is granted on the side of the resource. */
export type Permission = iam.PolicyStatement;

const allow = (actions: readonly string[], resources: readonly string[], conditions?: Record<string, unknown>): Permission =>
  new iam.PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions === undefined ? {} : { conditions }) });

/** The stage's key, used by a service for the function, never by the function itself. */
function useKey({ data }: AppParts, service: "dynamodb" | "s3" | "secretsmanager", ...actions: readonly string[]): Permission {
  const host = `${service}.${Stack.of(data.key).region}.amazonaws.com`;
  return allow(actions, [data.key.keyArn], { StringEquals: { "kms:ViaService": host } });
}

/** A login by a signed token; where there is a password instead, nothing is to be allowed. */
export function connectDatabase({ data }: AppParts, login: DatabaseLogin): Permission[] {
  const arn = data.database.connectArn?.(login);
  return arn === undefined ? [] : [allow(["rds-db:connect"], [arn])];
}

export function connectCache(parts: AppParts): Permission[] {
  const { cache } = parts.data;
  if (cache.table !== undefined) return useItems(parts, cache.table, ["GetItem", "PutItem", "UpdateItem"]);
  return cache.connectArns.length === 0 ? [] : [allow(["elasticache:Connect"], cache.connectArns)];
}

type ItemAction = "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem";

export function useLookups(parts: AppParts, ...actions: readonly ItemAction[]): Permission[] {
  return useItems(parts, parts.data.lookups, actions);
}

function useItems(parts: AppParts, table: dynamodb.ITable, actions: readonly ItemAction[]): Permission[] {
  const isReader = actions.every((action) => action === "GetItem");
  const items = actions.map((action) => `dynamodb:${action}`);
  // DynamoDB asks for both halves of the key from whoever writes.
  const keyActions = [
    "kms:Decrypt",
    "kms:DescribeKey",
    ...(isReader ? [] : ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]),
  ];
  return [allow(items, [table.tableArn]), useKey(parts, "dynamodb", ...keyActions)];
}

/** Answers of requests with an Idempotency-Key. */
export function keepAnswers(parts: AppParts): Permission[] {
  return useLookups(parts, "GetItem", "PutItem", "UpdateItem", "DeleteItem");
}

export function send({ queues }: AppParts, ...names: readonly QueueName[]): Permission[] {
  return [
    allow(
      ["sqs:SendMessage"],
      names.map((name) => queues[name].queue.queueArn),
    ),
  ];
}

/** What Lambda does in the function's name to hand it the queue's messages. */
export function consume({ queues }: AppParts, ...names: readonly QueueName[]): Permission[] {
  const actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
  return [
    allow(
      actions,
      names.map((name) => queues[name].queue.queueArn),
    ),
  ];
}

/** Files of runs. Without the right to list, S3 answers 403 for a file that is not there. */
export function useWorkspaces(parts: AppParts): Permission[] {
  const { bucketArn } = parts.data.workspaces;
  return [
    allow(["s3:GetObject", "s3:PutObject"], [`${bucketArn}/workspaces/*`]),
    // Reading a file names no prefix, and must find this right all the same.
    allow(["s3:ListBucket"], [bucketArn], { StringLikeIfExists: { "s3:prefix": "workspaces/*" } }),
    useKey(parts, "s3", "kms:Decrypt", "kms:GenerateDataKey"),
  ];
}

export function readSecret(parts: AppParts, secretArn: string): Permission[] {
  return [allow(["secretsmanager:GetSecretValue"], [secretArn]), useKey(parts, "secretsmanager", "kms:Decrypt")];
}

/** Makes the next version of a secret and puts it in the place of the one before. */
export function rotateSecret(parts: AppParts, secretArn: string): Permission[] {
  const verbs = ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];
  const keyActions = ["kms:Decrypt", "kms:GenerateDataKey"];
  return [
    allow(
      verbs.map((verb) => `secretsmanager:${verb}`),
      [secretArn],
    ),
    useKey(parts, "secretsmanager", ...keyActions),
  ];
}

export function invoke(parts: AppParts, ...entries: readonly FunctionEntry[]): Permission[] {
  return [allow(["lambda:InvokeFunction"], entries.map(parts.functionArn))];
}

export function startRuns({ stateMachine }: AppParts): Permission[] {
  return [allow(["states:StartExecution"], [stateMachine.stateMachineArn])];
}

export function stopRuns(parts: AppParts): Permission[] {
  return [allow(["states:StopExecution"], [executionsOf(parts)])];
}

/** Whether an execution is still there. */
export function findRuns(parts: AppParts): Permission[] {
  return [allow(["states:DescribeExecution"], [executionsOf(parts)])];
}

function executionsOf({ stateMachine }: AppParts): string {
  return Stack.of(stateMachine).formatArn({
    service: "states",
    resource: "execution",
    resourceName: `${stateMachine.stateMachineName}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** The answers that phases of this machine wait for. */
export function answerPhases({ stateMachine }: AppParts): Permission[] {
  return [allow(["states:SendTaskSuccess", "states:SendTaskFailure"], [stateMachine.stateMachineArn])];
}

/** The word that a phase is still waited for. */
export function keepPhases({ stateMachine }: AppParts): Permission[] {
  return [allow(["states:SendTaskHeartbeat"], [stateMachine.stateMachineArn])];
}

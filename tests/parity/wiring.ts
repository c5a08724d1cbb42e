import { Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import * as sqs from "aws-cdk-lib/aws-sqs";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import * as z from "zod";
import { type FunctionEntry, functionTable } from "../../functions/function-table.ts";
import { type QueueName, queueTable } from "../../functions/queue-table.ts";
import { stages } from "../../infra/config/stages.ts";
import type { AppParts } from "../../infra/functions/app-parts.ts";
import { functionWiring } from "../../infra/functions/function-wiring.ts";
import { mapTable } from "../../infra/functions/map-table.ts";
import type { DatabaseLogin } from "../../infra/stacks/data-resources.ts";
import { ACCOUNT_ID, REGION } from "../../local/aws/queue.ts";

/** What stands in the place of resources that CloudFormation would make. */
export type Deployment = {
  readonly databaseUrl: (login: DatabaseLogin) => string;
  readonly cacheUrl: string;
  readonly queueUrl: (name: QueueName) => string;
  readonly stateMachineArn: string;
  /** Of agents that name none. */
  readonly model: string;
  readonly openAiBaseUrl?: string;
};

/** A statement of a role. */
const Statement = z.strictObject({
  Effect: z.literal("Allow"),
  Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]),
  Resource: z.union([z.string().transform((resource) => [resource]), z.array(z.string())]),
  Condition: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});
export type Statement = z.infer<typeof Statement>;

const Statements = z.array(Statement);
const Variables = z.record(z.string(), z.string());

export type Wiring = { readonly environment: Readonly<Record<string, string>>; readonly statements: readonly Statement[] };

export const LOOKUP_TABLE = "cognition-lookups";
export const BUCKET = "cognition-workspaces";
const secretArn = (name: string) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT_ID}:secret:${name}-AbCdEf`;
export const JWT_KEYS = secretArn("jwt-keys");
export const OPENAI_KEY = secretArn("openai-key");

export function functionArn(entry: FunctionEntry): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${entry}`;
}

export function queueArn(name: QueueName): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`;
}

/** The environment and the role of each function, as the CDK app gives them to those of the stage `local`, which stands on no VPC. */
export function wireFunctions(deployment: Deployment): Readonly<Record<FunctionEntry, Wiring>> {
  const parts = describeParts(deployment);
  return mapTable(functionTable, (entry) => {
    const { environment, permissions } = functionWiring[entry](parts);
    return { environment: Variables.parse(inAws(environment)), statements: Statements.parse(inAws(permissions.map(toJson))) };
  });
}

const toJson = (permission: PolicyStatement): unknown => permission.toStatementJson();

/** CDK leaves the partition to CloudFormation, and nothing else that was told to it here. */
function inAws(value: unknown): unknown {
  const text = JSON.stringify(value).replaceAll(/\$\{Token\[AWS\.Partition\.\d+\]\}/g, "aws");
  if (text.includes("${Token[")) throw new Error(`Something is left for CloudFormation to fill in: ${text}`);
  return JSON.parse(text);
}

function describeParts({ databaseUrl, cacheUrl, queueUrl, stateMachineArn, model, openAiBaseUrl }: Deployment): AppParts {
  const stack = new Stack(undefined, "Parity", { env: { account: ACCOUNT_ID, region: REGION } });
  const machine = sfn.StateMachine.fromStateMachineArn(stack, "Run", stateMachineArn);
  return {
    config: { ...stages.local, model, ...(openAiBaseUrl === undefined ? {} : { openAiBaseUrl }) },
    data: {
      key: kms.Key.fromKeyArn(stack, "Key", `arn:aws:kms:${REGION}:${ACCOUNT_ID}:key/cognition`),
      database: { url: databaseUrl, maxConnections: 100 },
      cache: { url: cacheUrl, connectArns: [] },
      lookups: dynamodb.Table.fromTableArn(stack, "Lookups", `arn:aws:dynamodb:${REGION}:${ACCOUNT_ID}:table/${LOOKUP_TABLE}`),
      workspaces: s3.Bucket.fromBucketArn(stack, "Workspaces", `arn:aws:s3:::${BUCKET}`),
      jwtKeys: secretsmanager.Secret.fromSecretCompleteArn(stack, "JwtKeys", JWT_KEYS),
      openAiKey: secretsmanager.Secret.fromSecretCompleteArn(stack, "OpenAiKey", OPENAI_KEY),
    },
    queues: mapTable(queueTable, (name) => ({
      queue: sqs.Queue.fromQueueAttributes(stack, name, { queueArn: queueArn(name), queueUrl: queueUrl(name) }),
    })),
    // An imported machine has all that is asked of it but its name.
    stateMachine: Object.assign(machine, { stateMachineName: stateMachineArn.split(":").at(-1) ?? "" }) as sfn.StateMachine,
    functionArn,
  };
}

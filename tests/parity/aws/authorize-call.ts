import * as z from "zod";
import { AwsError } from "../../../local/aws/aws-error.ts";
import { bodyText } from "../../../local/aws/json-front.ts";
import { ACCOUNT_ID, REGION } from "../../../local/aws/queue.ts";
import type { SdkRequest } from "../../../shared/platform/aws/client-options.ts";
import type { Statement } from "../wiring.ts";

/** What a call asks for. */
export type Right = { readonly action: string; readonly resource: string; readonly prefix?: string };

/** @throws AwsError AccessDenied when no statement of the role allows the call */
export function authorizeCall(statements: readonly Statement[], right: Right): void {
  if (statements.some((statement) => allows(statement, right))) return;
  throw new AwsError("AccessDeniedException", `The role of the function allows no ${right.action} on ${right.resource}`, 403);
}

function allows({ Action, Resource, Condition = {} }: Statement, { action, resource, prefix }: Right): boolean {
  const wantedPrefix = Condition["StringLikeIfExists"]?.["s3:prefix"];
  const isPrefixed = wantedPrefix === undefined || prefix === undefined || matches(wantedPrefix, prefix);
  return Action.includes(action) && Resource.some((pattern) => matches(pattern, resource)) && isPrefixed;
}

function matches(pattern: string, text: string): boolean {
  const expression = pattern.split("*").map((part) => part.replaceAll(/[$()+.?[\\\]^{|}]/g, "\\$&"));
  return new RegExp(`^${expression.join(".*")}$`, "s").test(text);
}

const text = z.string().optional();
const Input = z.looseObject({ QueueUrl: text, TableName: text, SecretId: text, stateMachineArn: text, executionArn: text });
type Input = z.infer<typeof Input>;

const own = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT_ID}:${rest}`;

/** What an input of each service's JSON protocol names; the answer to a task names no machine, and is for the one that there is. */
const RESOURCES: Readonly<Record<string, (input: Input, stateMachineArn: string) => string>> = {
  sqs: ({ QueueUrl }) => own("sqs", QueueUrl?.split("/").at(-1) ?? ""),
  dynamodb: ({ TableName }) => own("dynamodb", `table/${TableName}`),
  secretsmanager: ({ SecretId }) => SecretId ?? "",
  states: ({ executionArn, stateMachineArn }, theOne) => executionArn ?? stateMachineArn ?? theOne,
};

/** What a request of the SDK asks for. @param stateMachineArn of the one machine */
export function readRight(service: string, request: SdkRequest, stateMachineArn: string): Right {
  if (service === "s3") return readS3Right(request);
  if (service === "lambda") return { action: "lambda:InvokeFunction", resource: decodeURIComponent(request.path.split("/")[3] ?? "") };
  const operation = request.headers["x-amz-target"]?.split(".")[1] ?? "";
  const resource = RESOURCES[service]?.(Input.parse(JSON.parse(bodyText(request))), stateMachineArn) ?? "";
  // SQS has no action of its own for a batch.
  return { action: `${service}:${operation.replace(/Batch$/, "")}`, resource };
}

const OBJECT_ACTIONS: Readonly<Record<string, string>> = { GET: "GetObject", HEAD: "GetObject", PUT: "PutObject", DELETE: "DeleteObject" };

function readS3Right({ method, path, query = {} }: SdkRequest): Right {
  const [bucket = "", ...key] = decodeURIComponent(path.slice(1)).split("/");
  if (key.join("") === "") return { action: "s3:ListBucket", resource: `arn:aws:s3:::${bucket}`, prefix: String(query["prefix"] ?? "") };
  return { action: `s3:${OBJECT_ACTIONS[method]}`, resource: `arn:aws:s3:::${bucket}/${key.join("/")}` };
}

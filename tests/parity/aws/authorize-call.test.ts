import { expect, test } from "vitest";
import { AwsError } from "../../../local/aws/aws-error.ts";
import type { SdkRequest } from "../../../shared/platform/aws/client-options.ts";
import { wireFunctions } from "../wiring.ts";
import { authorizeCall, readRight } from "./authorize-call.ts";

const MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:run";
const roles = wireFunctions({
  databaseUrl: (login) => `postgres://cognition_${login}@127.0.0.1/cognition`,
  cacheUrl: "redis://127.0.0.1",
  queueUrl: (name) => `http://127.0.0.1/000000000000/${name}`,
  stateMachineArn: MACHINE,
  model: "offline:offline-rules-v1",
});

const json = (target: string, input: object): SdkRequest => ({
  method: "POST",
  hostname: "127.0.0.1",
  path: "/",
  headers: { "x-amz-target": target },
  body: JSON.stringify(input),
});
const rest = (method: string, path: string, query = {}): SdkRequest => ({ method, hostname: "127.0.0.1", path, query, headers: {} });
const sendTo = (queue: string) => json("AmazonSQS.SendMessageBatch", { QueueUrl: `http://127.0.0.1/000000000000/${queue}`, Entries: [] });
const stop = (machine: string) =>
  json("AWSStepFunctions.StopExecution", { executionArn: `arn:aws:states:us-east-1:000000000000:execution:${machine}:1` });
const invoke = (entry: string) =>
  rest("POST", `/2015-03-31/functions/${encodeURIComponent(`arn:aws:lambda:us-east-1:000000000000:function:${entry}`)}/invocations`);

const calls: [who: keyof typeof roles, what: string, service: string, request: SdkRequest, isAllowed: boolean][] = [
  ["ai-runtime/llm-worker", "reports", "sqs", sendTo("results"), true],
  ["ai-runtime/llm-worker", "writes to the conductor", "sqs", sendTo("control"), false],
  ["ai-runtime/llm-worker", "asks the ledger", "lambda", invoke("orchestrator/ledger"), true],
  ["ai-runtime/llm-worker", "runs a program", "lambda", invoke("tool-runner/sandbox"), false],
  ["tool-runner/tool-worker", "reads a file of a run", "s3", rest("GET", "/cognition-workspaces/workspaces/w/r/a%20b.txt"), true],
  ["tool-runner/tool-worker", "reads outside of the workspaces", "s3", rest("GET", "/cognition-workspaces/keys/a"), false],
  ["tool-runner/tool-worker", "deletes a file", "s3", rest("DELETE", "/cognition-workspaces/workspaces/w/r/a"), false],
  ["tool-runner/tool-worker", "lists a run", "s3", rest("GET", "/cognition-workspaces", { prefix: "workspaces/w/r/" }), true],
  ["tool-runner/tool-worker", "lists all", "s3", rest("GET", "/cognition-workspaces", { prefix: "" }), false],
  ["orchestrator/conductor", "stops an execution", "states", stop("run"), true],
  ["orchestrator/conductor", "stops one of another machine", "states", stop("other"), false],
  ["orchestrator/conductor", "answers a phase", "states", json("AWSStepFunctions.SendTaskSuccess", { taskToken: "t", output: "{}" }), true],
  ["gateway/authorizer", "looks a key up", "dynamodb", json("DynamoDB_20120810.GetItem", { TableName: "cognition-lookups" }), true],
  ["gateway/authorizer", "makes a key", "dynamodb", json("DynamoDB_20120810.PutItem", { TableName: "cognition-lookups" }), false],
  ["tool-runner/sandbox", "looks a key up", "dynamodb", json("DynamoDB_20120810.GetItem", { TableName: "cognition-lookups" }), false],
];

test.each(calls)("%s %s: its role says so by its statements", (who, _what, service, request, isAllowed) => {
  expect(judge(() => authorizeCall(roles[who].statements, readRight(service, request, MACHINE)))).toBe(isAllowed ? "allowed" : "refused");
});

function judge(attempt: () => void): string {
  try {
    attempt();
    return "allowed";
  } catch (error) {
    return error instanceof AwsError && error.code === "AccessDeniedException" ? "refused" : String(error);
  }
}

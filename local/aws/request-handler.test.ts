import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { SendTaskSuccessCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { SQSEvent } from "aws-lambda";
import { afterEach, expect, it } from "vitest";
import { setRequestHandler } from "../../shared/platform/aws/client-options.ts";
import { getDynamoDbClient } from "../../shared/platform/aws/dynamodb.ts";
import { invokeFunction } from "../../shared/platform/aws/invoke-function.ts";
import { getS3Client } from "../../shared/platform/aws/s3.ts";
import { sendMessages } from "../../shared/platform/aws/send-messages.ts";
import { getSfnClient } from "../../shared/platform/aws/sfn.ts";
import { createAgenda } from "./agenda.ts";
import { systemClock } from "./clock.ts";
import { createDynamoDb } from "./dynamodb.ts";
import { createLambdaRequestHandler } from "./lambda-front.ts";
import { callFunction, createLambdaFunctions } from "./lambda-functions.ts";
import { addQueue, createQueues } from "./queues.ts";
import { createRequestHandler } from "./request-handler.ts";
import { createS3RequestHandler } from "./s3-front.ts";
import { createSqsRequestHandler } from "./sqs-request-handler.ts";
import { createEngine, machineArn } from "./state-machine/engine.ts";
import { loadDefinition } from "./state-machine/load-definition.ts";
import { createStepFunctionsRequestHandler } from "./state-machine/request-handler.ts";
import { createSendMessageTasks } from "./state-machine/send-message-task.ts";
import { subscribe } from "./subscribe.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  setRequestHandler(undefined);
  for (const close of closers.splice(0).toReversed()) await close();
});

it("carries a run from its start to its end through SDK calls, queues, functions and the state machine alone", async () => {
  const seen: string[] = [];
  const ended = await withAccount(async (event) => {
    for (const { body } of event.Records) {
      const { kind, phase, token } = JSON.parse(body);
      if (kind !== "phase") continue;
      seen.push(phase, JSON.stringify(await invokeFunction("ledger", { phase })));
      await (await getSfnClient()).send(new SendTaskSuccessCommand({ taskToken: token, output: '{"approved":true}' }));
    }
  });

  const input = JSON.stringify({ run_id: "r", workspace_id: "w", phase: "plan", timeout_seconds: 600, replans_left: 0 });
  await (await getSfnClient()).send(new StartExecutionCommand({ stateMachineArn: machineArn("run"), name: "r-1", input }));

  expect(await ended.status).toBe("SUCCEEDED");
  expect(seen).toEqual(["plan", "execute", "review", "summarize"].flatMap((phase) => [phase, `"${phase} noted"`]));
});

it("delivers messages sent with the verb of the mind, keeps objects and reaches the tables over their endpoint", async () => {
  const received: string[][] = [];
  const { control, delivered } = await withAccount(async (event) => {
    received.push(event.Records.map(({ body }) => body));
  });

  await sendMessages(
    control,
    Array.from({ length: 12 }, (_, n) => ({ body: n })),
  );
  const s3 = await getS3Client();
  await s3.send(new PutObjectCommand({ Bucket: "files", Key: "w/a.txt", Body: "text" }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "files", Key: "w/a.txt" }));
  const dynamoDb = await getDynamoDbClient();
  closers.push(async () => dynamoDb.destroy());
  const put = await dynamoDb.send(new PutItemCommand({ TableName: "lookup", Item: { pk: { S: "key#1" } } }));
  await delivered(12);

  expect(
    received
      .flat()
      .map(Number)
      .toSorted((left, right) => left - right),
  ).toEqual(Array.from({ length: 12 }, (_, n) => n));
  expect(await Body?.transformToString()).toBe("text");
  expect(put.$metadata.httpStatusCode).toBe(200);
});

it("refuses a service that it does not have", async () => {
  setRequestHandler(createRequestHandler({}));

  await expect(sendMessages("http://sqs.invalid/0/q", [{ body: 1 }])).rejects.toMatchObject({
    cause: { message: expect.stringContaining("No embedded service answers POST sqs.invalid/") },
  });
});

async function withAccount(conduct: (event: SQSEvent) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "account-"));
  closers.push(() => rm(folder, { recursive: true }));
  const agenda = createAgenda(systemClock);
  const queues = createQueues(agenda);
  const control = addQueue(queues, "control");
  const count = createCounter();
  const functions = createLambdaFunctions(agenda, {
    ledger: { handler: (event: { phase: string }) => `${event.phase} noted`, timeoutSeconds: 30 },
    conductor: { handler: conduct, timeoutSeconds: 90 },
  });
  let end: (status: string) => void;
  const status = new Promise<string>((resolve) => {
    end = resolve;
  });
  const definition = await readFile(new URL("../../infra/state-machines/run.asl.json", import.meta.url), "utf8");
  const engine = createEngine({
    agenda,
    machines: { run: loadDefinition(definition, { ControlQueueUrl: control.url }) },
    tasks: createSendMessageTasks(queues),
    onStatusChange: ({ detail }) => {
      if (detail.status !== "RUNNING") end(detail.status);
    },
  });
  const database = createDynamoDb(join(folder, "dynamodb"), [{ name: "lookup", partitionKey: "pk" }]);
  closers.push(database.close);
  const subscription = subscribe(
    control,
    async (event) => {
      const answer = await callFunction(functions, "conductor", event);
      count.add(event.Records.length);
      return answer;
    },
    { maxConcurrency: 2 },
  );
  closers.push(subscription.stop);
  setRequestHandler(
    createRequestHandler({
      sqs: createSqsRequestHandler(queues),
      sfn: createStepFunctionsRequestHandler(engine),
      lambda: createLambdaRequestHandler(functions),
      s3: await createS3RequestHandler(join(folder, "s3"), ["files"]),
    }),
    { dynamodb: database.endpoint },
  );
  return { control: control.url, status, delivered: count.reached };
}

function createCounter() {
  let total = 0;
  let waiting: { target: number; resolve: () => void } | undefined;
  const check = () => {
    if (waiting !== undefined && total >= waiting.target) waiting.resolve();
  };
  return {
    add(amount: number) {
      total += amount;
      check();
    },
    reached(target: number): Promise<void> {
      return new Promise((resolve) => {
        waiting = { target, resolve };
        check();
      });
    },
  };
}

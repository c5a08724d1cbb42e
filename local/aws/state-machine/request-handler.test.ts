import { readFileSync } from "node:fs";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListStateMachinesCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { expect, it } from "vitest";
import { createAgenda } from "../agenda.ts";
import { createManualClock } from "../clock.ts";
import { createEngine, machineArn } from "./engine.ts";
import { isObject } from "./json-path.ts";
import { loadDefinition } from "./load-definition.ts";
import { createStepFunctionsRequestHandler } from "./request-handler.ts";

const input = JSON.stringify({ run_id: "r", workspace_id: "w", phase: "summarize", timeout_seconds: 600, replans_left: 0 });

it("starts, describes and ends an execution through the SDK", async () => {
  const { client, token, start } = open();

  const { executionArn, startDate } = await start();
  const running = await client.send(new DescribeExecutionCommand({ executionArn }));
  await client.send(new SendTaskHeartbeatCommand({ taskToken: token() }));
  await client.send(new SendTaskSuccessCommand({ taskToken: token(), output: '{"ok":true}' }));
  const ended = await client.send(new DescribeExecutionCommand({ executionArn }));
  const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn }));

  expect(startDate).toEqual(new Date(Date.UTC(2026, 0, 1)));
  expect(running).toMatchObject({ name: "r-1", status: "RUNNING", input });
  expect(JSON.parse(ended.output ?? "")).toMatchObject({ run_id: "r", last: { ok: true } });
  expect(ended).toMatchObject({ status: "SUCCEEDED", stopDate: expect.any(Date) });
  expect(events?.map(({ type }) => type)).toEqual([
    "ExecutionStarted",
    "ChoiceStateEntered",
    "ChoiceStateExited",
    "TaskStateEntered",
    "TaskScheduled",
    "TaskStarted",
    "TaskSubmitted",
    "TaskSucceeded",
    "TaskStateExited",
    "SucceedStateEntered",
    "SucceedStateExited",
    "ExecutionSucceeded",
  ]);
  expect(events?.[3]).toMatchObject({ id: 4, previousEventId: 3, stateEnteredEventDetails: { name: "SummarizeRun" } });
});

it("fails a task and stops an execution through the SDK", async () => {
  const { client, token, start } = open();
  const { executionArn } = await start();

  await client.send(new SendTaskFailureCommand({ taskToken: token(), error: "broken", cause: "because" }));
  await client.send(new StopExecutionCommand({ executionArn, error: "cancelled" }));

  const { status, error } = await client.send(new DescribeExecutionCommand({ executionArn }));
  expect([status, error]).toEqual(["ABORTED", "cancelled"]);
});

it("refuses with the exceptions of AWS", async () => {
  const { client, token, start } = open();
  const { executionArn } = await start();
  const used = token();
  await client.send(new StopExecutionCommand({ executionArn }));

  await expect(start()).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
  await expect(client.send(new SendTaskSuccessCommand({ taskToken: used, output: "{}" }))).rejects.toMatchObject({ name: "TaskTimedOut" });
  await expect(client.send(new SendTaskSuccessCommand({ taskToken: "x", output: "{}" }))).rejects.toMatchObject({ name: "InvalidToken" });
  await expect(client.send(new SendTaskFailureCommand({ taskToken: "x", error: "e".repeat(257) }))).rejects.toMatchObject({
    name: "ValidationException",
  });
  await expect(client.send(new DescribeExecutionCommand({ executionArn: "arn:no" }))).rejects.toMatchObject({
    name: "ExecutionDoesNotExist",
  });
  await expect(client.send(new ListStateMachinesCommand({}))).rejects.toMatchObject({ name: "UnknownOperationException" });
});

function open() {
  const tokens: string[] = [];
  const text = readFileSync(new URL("../../../infra/state-machines/run.asl.json", import.meta.url), "utf8");
  const engine = createEngine({
    agenda: createAgenda(createManualClock()),
    machines: { run: loadDefinition(text, { ControlQueueUrl: "q" }) },
    tasks: {
      "arn:aws:states:::sqs:sendMessage.waitForTaskToken": (parameters) => {
        const body = isObject(parameters) ? parameters["MessageBody"] : undefined;
        if (isObject(body) && typeof body["token"] === "string") tokens.push(body["token"]);
      },
    },
  });
  const client = new SFNClient({
    region: "us-east-1",
    endpoint: "http://sfn.invalid",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    requestHandler: createStepFunctionsRequestHandler(engine),
  });
  return {
    client,
    token: () => tokens.at(-1),
    start: () => client.send(new StartExecutionCommand({ stateMachineArn: machineArn("run"), name: "r-1", input })),
  };
}

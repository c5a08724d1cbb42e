import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../../../shared/platform/json.ts";
import { createAgenda } from "../agenda.ts";
import { createManualClock } from "../clock.ts";
import {
  createEngine,
  getExecution,
  machineArn,
  sendTaskFailure,
  sendTaskHeartbeat,
  sendTaskSuccess,
  startExecution,
  stopExecution,
} from "./engine.ts";
import type { StatusChange } from "./execution.ts";
import { isObject } from "./json-path.ts";
import { loadDefinition } from "./load-definition.ts";

const HOUR = 3_600_000;

it("takes a run through plan, execution, review and summary, with ids only in each message", () => {
  const run = openRun();

  run.start();
  for (const output of [{}, {}, { approved: true }, {}]) run.succeed(output);

  expect(run.phases()).toEqual(["plan", "execute", "review", "summarize"]);
  expect(run.messages[0]).toEqual({ kind: "phase", phase: "plan", run_id: "r", workspace_id: "w", token: expect.any(String) });
  expect(run.describe()).toMatchObject({ status: "SUCCEEDED" });
  expect(run.trace()).toEqual([
    "ExecutionStarted",
    "ChoiceStateEntered EnterAtPhase",
    "ChoiceStateExited EnterAtPhase",
    ...["PlanGoal", "ExecuteTasks"].flatMap(callbackTrace),
    "ChoiceStateEntered ReplanOrReview",
    "ChoiceStateExited ReplanOrReview",
    ...callbackTrace("ReviewResult"),
    "ChoiceStateEntered ReplanOrFinish",
    "ChoiceStateExited ReplanOrFinish",
    ...callbackTrace("SummarizeRun"),
    "SucceedStateEntered RunCompleted",
    "SucceedStateExited RunCompleted",
    "ExecutionSucceeded",
  ]);
});

it.each([
  ["plan", ["plan"]],
  ["execute", ["execute"]],
  ["review", ["review"]],
  ["summarize", ["summarize"]],
  ["fail", ["fail"]],
])("enters at phase %s when it is started there", (phase, phases) => {
  const run = openRun();

  run.start({ phase });

  expect(run.phases()).toEqual(phases);
});

it("plans again after a review and after an execution that ask for it, and only while a replan is left", () => {
  const run = openRun();
  const again = { approved: false, replan: true };
  run.start({ replans_left: 2 });

  for (const output of [{}, {}, again, {}, again, {}, {}, again, {}]) run.succeed(output);

  expect(run.phases()).toEqual(["plan", "execute", "review", "plan", "execute", "plan", "execute", "review", "summarize"]);
  expect(run.describe().status).toBe("SUCCEEDED");
});

it("takes a failed phase to FailRun with what was caught, and ends failed", () => {
  const run = openRun();
  run.start();
  run.succeed({});

  run.fail("invalid-plan", "a cycle");
  const [message] = run.messages.slice(-1);
  run.succeed({});

  expect(message).toMatchObject({ phase: "fail", run_id: "r", error: { Error: "invalid-plan", Cause: "a cycle" } });
  expect(run.describe()).toMatchObject({ status: "FAILED", error: "RunFailed" });
  expect(run.trace()).toEqual([
    "ExecutionStarted",
    "ChoiceStateEntered EnterAtPhase",
    "ChoiceStateExited EnterAtPhase",
    ...callbackTrace("PlanGoal"),
    "TaskStateEntered ExecuteTasks",
    "TaskScheduled",
    "TaskStarted",
    "TaskSubmitted",
    "TaskFailed",
    "TaskStateExited ExecuteTasks",
    ...callbackTrace("FailRun"),
    "FailStateEntered RunFailed",
    "ExecutionFailed",
  ]);
});

it("sends a phase again with a new token when no heartbeat comes, and goes to FailRun after the third time", () => {
  const run = openRun();
  run.start({ timeout_seconds: 1_000_000 });
  const tokens = new Set<unknown>();

  for (let attempt = 0; attempt < 4; attempt++) {
    tokens.add(run.messages.at(-1)?.["token"]);
    run.clock.advance(HOUR - 1);
    sendTaskHeartbeat(run.engine, run.token());
    run.clock.advance(HOUR - 1);
    expect(run.phases().filter((phase) => phase === "plan")).toHaveLength(attempt + 1);
    run.clock.advance(1 + 1_000 * 2 ** attempt);
  }

  expect(tokens.size).toBe(4);
  expect(run.phases()).toEqual(["plan", "plan", "plan", "plan", "fail"]);
  expect(run.messages.at(-1)?.["error"]).toMatchObject({ Error: "States.HeartbeatTimeout" });
});

it("ends a phase at the run's deadline, whatever its heartbeats", () => {
  const run = openRun();
  run.start({ timeout_seconds: 5_000 });

  run.clock.advance(3_000_000);
  sendTaskHeartbeat(run.engine, run.token());
  run.clock.advance(1_999_999);
  const before = run.phases();
  run.clock.advance(1);
  run.clock.advance(1_000);

  expect(before).toEqual(["plan"]);
  expect(run.phases()).toEqual(["plan", "plan"]);
  expect(run.trace().slice(3)).toEqual([
    "TaskStateEntered PlanGoal",
    "TaskScheduled",
    "TaskStarted",
    "TaskSubmitted",
    "TaskTimedOut",
    "TaskScheduled",
    "TaskStarted",
    "TaskSubmitted",
  ]);
});

it("stops at once, runs no Catch, and tells of it", () => {
  const run = openRun();
  run.start();
  run.succeed({});
  const token = run.token();

  stopExecution(run.engine, run.arn(), "cancelled", "by the person");
  run.clock.advance(10 * HOUR);

  expect(run.phases()).toEqual(["plan", "execute"]);
  expect(run.describe()).toMatchObject({ status: "ABORTED", error: "cancelled", cause: "by the person" });
  expect(run.trace().at(-1)).toBe("ExecutionAborted");
  expect(run.changes.map((change) => change.detail.status)).toEqual(["RUNNING", "ABORTED"]);
  expect(() => sendTaskSuccess(run.engine, token, "{}")).toThrow(expect.objectContaining({ code: "TaskTimedOut" }));
});

it("stops while a phase waits to be sent again", () => {
  const run = openRun();
  run.start({ timeout_seconds: 10 });
  run.clock.advance(10_000);

  stopExecution(run.engine, run.arn(), "", "");
  run.clock.advance(HOUR);

  expect(run.phases()).toEqual(["plan"]);
});

it("tells of each start and end in the words of EventBridge", () => {
  const run = openRun();
  run.start();
  for (const output of [{}, {}, {}, {}]) run.succeed(output);

  expect(run.changes[1]).toMatchObject({
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    resources: [run.arn()],
    detail: { name: "r-1", status: "SUCCEEDED", executionArn: run.arn(), stateMachineArn: machineArn("run"), error: null },
  });
});

it("is started once under a name while it is open, and never again once it is closed", () => {
  const run = openRun();
  const first = run.start();
  const again = run.start();
  const otherInput = () => run.start({ phase: "review" });

  expect(again).toBe(first);
  expect(otherInput).toThrow(expect.objectContaining({ code: "ExecutionAlreadyExists" }));
  stopExecution(run.engine, run.arn(), "", "");
  expect(() => run.start()).toThrow(expect.objectContaining({ code: "ExecutionAlreadyExists" }));
  expect(run.phases()).toEqual(["plan"]);
});

it("gives tokens of a length that AWS may give, each another", () => {
  const run = openRun();
  run.start();
  run.succeed({});
  const [first = "", second = ""] = run.messages.map(({ token }) => textOf(token));

  expect(first).not.toBe(second);
  for (const token of [first, second]) {
    expect(token.length).toBeGreaterThan(900);
    expect(token.length).toBeLessThanOrEqual(2_048);
  }
});

it("answers a token that was used, that belongs to nothing, and that is none, as AWS does", () => {
  const run = openRun();
  run.start();
  const used = run.token();
  run.succeed({});
  const foreign = openRun();
  foreign.start({}, "r-2");

  expect(() => sendTaskSuccess(run.engine, used, "{}")).toThrow(expect.objectContaining({ code: "TaskTimedOut" }));
  expect(() => sendTaskHeartbeat(run.engine, foreign.token())).toThrow(expect.objectContaining({ code: "TaskDoesNotExist" }));
  expect(() => sendTaskFailure(run.engine, "nonsense", "", "")).toThrow(expect.objectContaining({ code: "InvalidToken" }));
});

it("refuses input, output and results that AWS would refuse", () => {
  const run = openRun();
  const large = JSON.stringify("x".repeat(256 * 1024));

  expect(() => startExecution(run.engine, machineArn("run"), "r-1", large)).toThrow(
    expect.objectContaining({ code: "InvalidExecutionInput" }),
  );
  expect(() => startExecution(run.engine, machineArn("run"), "r-1", "{")).toThrow(
    expect.objectContaining({ code: "InvalidExecutionInput" }),
  );
  expect(() => startExecution(run.engine, machineArn("run"), "r 1", "{}")).toThrow(expect.objectContaining({ code: "InvalidName" }));
  expect(() => startExecution(run.engine, machineArn("no"), "r-1", "{}")).toThrow(
    expect.objectContaining({ code: "StateMachineDoesNotExist" }),
  );
  run.start();
  expect(() => sendTaskSuccess(run.engine, run.token(), large)).toThrow(expect.objectContaining({ code: "InvalidOutput" }));
});

it("fails a state whose result grows over 256 KiB, and no Catch can help", () => {
  const run = openRun();
  run.start();

  run.succeed({ filler: "x".repeat(256 * 1024 - 20) });

  expect(run.describe()).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
  expect(run.phases()).toEqual(["plan"]);
});

it.each([
  ["no deadline", { timeout_seconds: undefined }],
  ["a deadline that is no positive integer", { timeout_seconds: 0 }],
  ["no workspace", { workspace_id: undefined }],
])("fails with States.Runtime for an input with %s", (_, input) => {
  const run = openRun();

  run.start(input);

  expect(run.describe()).toMatchObject({ status: "FAILED", error: "States.Runtime" });
});

it("catches a message that could not be sent", () => {
  const run = openRun();
  run.refuseNext();

  run.start();

  expect(run.messages.at(-1)).toMatchObject({ phase: "fail", error: { Error: "States.TaskFailed", Cause: "the queue is gone" } });
});

it("fails an execution whose history grows over what AWS keeps", () => {
  const run = openRun();
  run.start({ replans_left: 1_000_000 });

  for (let turn = 0; turn < 10_000 && run.describe().status === "RUNNING"; turn++) run.succeed({ replan: true });

  expect(run.describe()).toMatchObject({ status: "FAILED", error: "States.Runtime", cause: expect.stringContaining("25000") });
});

it("forgets nothing that runs, and what is closed only by the thousand", () => {
  const run = openRun();
  run.start({}, "running");

  for (let index = 0; index < 2_100; index++) {
    run.start({}, `closed-${index}`);
    stopExecution(run.engine, run.arn(`closed-${index}`), "", "");
  }

  expect(run.engine.executions.size).toBeLessThanOrEqual(2_001);
  expect(getExecution(run.engine, run.arn("running")).status).toBe("RUNNING");
  expect(getExecution(run.engine, run.arn("closed-2099")).status).toBe("ABORTED");
});

it("does not load a machine with a task that it cannot do", () => {
  const definition = loadRun();

  expect(() => createEngine({ agenda: createAgenda(createManualClock()), machines: { run: definition }, tasks: {} })).toThrow(
    "run uses arn:aws:states:::sqs:sendMessage.waitForTaskToken",
  );
});

function textOf(value: JsonValue | undefined): string {
  if (typeof value !== "string") throw new Error(`no text: ${JSON.stringify(value)}`);
  return value;
}

function loadRun() {
  const text = readFileSync(new URL("../../../infra/state-machines/run.asl.json", import.meta.url), "utf8");
  return loadDefinition(text, { ControlQueueUrl: "http://sqs.invalid/0/control" });
}

function callbackTrace(name: string): string[] {
  return [`TaskStateEntered ${name}`, "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", `TaskStateExited ${name}`];
}

/** The run's machine with a conductor that this test plays: it sees the messages and answers the newest token. */
function openRun() {
  const clock = createManualClock();
  const messages: JsonObject[] = [];
  const changes: StatusChange[] = [];
  let isRefusing = false;
  const engine = createEngine({
    agenda: createAgenda(clock),
    machines: { run: loadRun() },
    tasks: {
      "arn:aws:states:::sqs:sendMessage.waitForTaskToken": (parameters) => {
        const body = isObject(parameters) ? parameters["MessageBody"] : undefined;
        if (isRefusing) {
          isRefusing = false;
          throw new Error("the queue is gone");
        }
        if (isObject(body)) messages.push(body);
      },
    },
    onStatusChange: (change) => changes.push(change),
  });
  const token = () => textOf(messages.at(-1)?.["token"]);
  const arn = (name = "r-1") => `arn:aws:states:us-east-1:000000000000:execution:run:${name}`;
  return {
    clock,
    engine,
    messages,
    changes,
    token,
    arn,
    start(input: object = {}, name = "r-1") {
      const complete = { run_id: "r", workspace_id: "w", phase: "plan", timeout_seconds: 86_400, replans_left: 0, ...input };
      return startExecution(engine, machineArn("run"), name, JSON.stringify(complete));
    },
    succeed: (output: object) => sendTaskSuccess(engine, token(), JSON.stringify(output)),
    fail: (error: string, cause: string) => sendTaskFailure(engine, token(), error, cause),
    refuseNext: () => {
      isRefusing = true;
    },
    phases: () => messages.map((message) => message["phase"]),
    describe: () => getExecution(engine, arn()),
    trace: () =>
      getExecution(engine, arn()).history.map(({ type, details }) =>
        details?.["name"] === undefined ? type : `${type} ${textOf(details["name"])}`,
      ),
  };
}

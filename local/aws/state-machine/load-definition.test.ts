import { readFileSync } from "node:fs";
import validate from "asl-validator";
import { expect, it } from "vitest";
import { loadDefinition } from "./load-definition.ts";

const runDefinition = readFileSync(new URL("../../../infra/state-machines/run.asl.json", import.meta.url), "utf8");

it("loads the run's state machine, which is valid States Language, with the queue's URL in place", () => {
  const { isValid, errorsText } = validate(JSON.parse(runDefinition), { checkPaths: true, checkArn: true });
  const definition = loadDefinition(runDefinition, { ControlQueueUrl: "http://sqs.invalid/0/control" });

  expect(errorsText("\n")).toBe("");
  expect(isValid).toBe(true);
  expect(definition.States["PlanGoal"]).toMatchObject({ Parameters: { QueueUrl: "http://sqs.invalid/0/control" } });
});

it("finds each callback state of the run with a heartbeat, the run's deadline, a re-drive on timeouts and a way to FailRun", () => {
  const { States } = loadDefinition(runDefinition, { ControlQueueUrl: "q" });
  const callbacks = Object.entries(States).filter(([, state]) => state.Type === "Task");

  expect(callbacks.map(([name]) => name)).toEqual(["PlanGoal", "ExecuteTasks", "ReviewResult", "SummarizeRun", "FailRun"]);
  for (const [name, state] of callbacks) {
    expect(state).toMatchObject({
      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      ResultPath: "$.last",
      HeartbeatSeconds: 3_600,
      // The way out must not end with the deadline that may have led to it.
      ...(name === "FailRun" ? { TimeoutSeconds: 86_400 } : { TimeoutSecondsPath: "$.timeout_seconds" }),
      Retry: [{ ErrorEquals: ["States.HeartbeatTimeout", "States.Timeout"] }],
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.last", Next: name === "FailRun" ? "RunFailed" : "FailRun" }],
    });
  }
});

const task = {
  Type: "Task",
  Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
  Parameters: { QueueUrl: "q", MessageBody: {} },
  Next: "End",
};
const end = { Type: "Succeed" };

it.each([
  ["a field it does not know", { Work: { ...task, ResultSelector: {} }, End: end }, "ResultSelector"],
  ["a kind of state it does not know", { Work: { Type: "Parallel", Branches: [], Next: "End" }, End: end }, "Type"],
  [
    "a comparison it does not know",
    { Work: { Type: "Choice", Choices: [{ Variable: "$.a", StringMatches: "x", Next: "End" }] }, End: end },
    "Choices",
  ],
  ["a path it does not know", { Work: { ...task, TimeoutSecondsPath: "$.a[0]" }, End: end }, "only paths of field names"],
  ["a task that is no callback", { Work: { ...task, Resource: "arn:aws:states:::sqs:sendMessage" }, End: end }, "only callback tasks"],
  ["an intrinsic function it does not know", { Work: { ...task, Parameters: { "id.$": "States.UUID()" } }, End: end }, "Work.id.$"],
  ["a path of an array in its parameters", { Work: { ...task, Parameters: { "id.$": "$.a[*]" } }, End: end }, "Work.id.$"],
  ["JSONata", { Work: { ...task, Arguments: {} }, End: end }, "Arguments"],
  ["a next state that is missing", { Work: { ...task, Next: "Nowhere" }, End: end }, "Work leads to Nowhere"],
  ["a first state that is missing", { End: end }, "StartAt names no state"],
])("refuses a definition with %s, by name", (_, States, message) => {
  expect(() => loadDefinition(JSON.stringify({ StartAt: "Work", States }), {})).toThrow(message);
});

it("refuses a placeholder without a value and a value without a placeholder", () => {
  expect(() => loadDefinition(runDefinition, {})).toThrow("${ControlQueueUrl}");
  expect(() => loadDefinition(runDefinition, { ControlQueueUrl: "q", ResultsQueueUrl: "r" })).toThrow("${ResultsQueueUrl}");
});

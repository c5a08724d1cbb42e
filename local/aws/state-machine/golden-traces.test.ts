import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { JsonValue } from "../../../shared/platform/json.ts";
import { createAgenda } from "../agenda.ts";
import { AwsError } from "../aws-error.ts";
import { createManualClock } from "../clock.ts";
import { Definition } from "./definition.ts";
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
import type { Engine, Execution, HistoryEvent } from "./execution.ts";
import { loadDefinition } from "./load-definition.ts";

/**
 * One file for each field of the States Language and each way of an error, with the trace that the language's specification asks for,
 * written by hand: seconds since the start, the event, and its state or error; `sent` is what a task handed over, without its token.
 */
const folder = path.join(import.meta.dirname, "traces");

const Golden = z.strictObject({
  says: z.string(),
  definition: JsonValue,
  input: JsonValue,
  /** What is done meanwhile: `wait SECONDS`, `succeed JSON`, `fill BYTES` (succeed with so much JSON), `fail CODE CAUSE`, `heartbeat`, `stop CODE CAUSE`. */
  act: z.array(z.string()),
  trace: z.array(z.string()),
});
type Golden = z.infer<typeof Golden>;

const files = readdirSync(folder).map((name) => ({
  name,
  golden: Golden.parse(JSON.parse(readFileSync(path.join(folder, name), "utf8"))),
}));

test.each(files)("$name: $golden.says", ({ name, golden }) => {
  expect(play(golden, name.startsWith("retry-submit"))).toEqual(golden.trace);
});

test("every field that a definition may have stands in one of the traces", () => {
  const written = files.map(({ golden }) => JSON.stringify(golden.definition)).join("\n");
  const fields = listFields(z.toJSONSchema(Definition, { unrepresentable: "any" }));

  expect([...fields].toSorted()).toEqual(FIELDS);
  expect([...fields].filter((field) => field !== "Comment" && !written.includes(`"${field}":`))).toEqual([]);
});

test("every error that the engine itself raises, and every name that catches several, stands in one of the traces", () => {
  const written = files.map(({ golden }) => JSON.stringify([golden.definition, golden.trace])).join("\n");
  const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  const code = sources.map((name) => readFileSync(path.join(import.meta.dirname, name), "utf8")).join("\n");
  const errors = new Set([...code.matchAll(/"(States\.[A-Z]\w+)"/g)].map(([, error = ""]) => error));

  expect([...errors].toSorted()).toEqual([
    "States.ALL",
    "States.DataLimitExceeded",
    "States.HeartbeatTimeout",
    "States.NoChoiceMatched",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
  ]);
  expect([...errors].filter((error) => !written.includes(error))).toEqual([]);
});

/** Written down, so that a new field is seen here before it is seen on AWS. */
const FIELDS = [
  "And",
  "BackoffRate",
  "BooleanEquals",
  "Catch",
  "Cause",
  "Choices",
  "Comment",
  "Default",
  "Error",
  "ErrorEquals",
  "HeartbeatSeconds",
  "IntervalSeconds",
  "IsPresent",
  "MaxAttempts",
  "MaxDelaySeconds",
  "Next",
  "NumericGreaterThan",
  "Parameters",
  "Resource",
  "Result",
  "ResultPath",
  "Retry",
  "StartAt",
  "States",
  "StringEquals",
  "TimeoutSeconds",
  "TimeoutSecondsPath",
  "Type",
  "Variable",
];

/** The names of all fields in a schema, at any depth. */
function listFields(schema: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const part of schema) listFields(part, found);
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return found;
  const { properties, ...others } = z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) }).parse(schema);
  for (const [name, field] of Object.entries(properties)) listFields(field, found.add(name));
  for (const part of Object.values(others)) listFields(part, found);
  return found;
}

/** Plays a machine under a clock that stands still, and answers its trace. `isRefusing`: its first message cannot be sent. */
function play({ definition, input, act }: Golden, isRefusing: boolean): string[] {
  const clock = createManualClock();
  const startedAt = clock.now();
  const lines: string[] = [];
  const tokens: string[] = [];
  let refusals = isRefusing ? 1 : 0;
  let told = 0;
  const engine = createEngine({
    agenda: createAgenda(clock),
    machines: { golden: loadDefinition(JSON.stringify(definition), {}) },
    tasks: {
      "arn:aws:states:::sqs:sendMessage.waitForTaskToken": (parameters) => {
        const { token, ...body } = Message.parse(parameters).MessageBody;
        if (refusals > 0) {
          refusals -= 1;
          throw new Error("the queue is gone");
        }
        tell();
        tokens.push(token);
        lines.push(`${seconds(clock.now())} sent ${JSON.stringify(body)}`);
      },
    },
  });
  const arn = `${machineArn("golden").replace(":stateMachine:", ":execution:")}:golden`;
  const seconds = (at: number) => (at - startedAt) / 1_000;
  function tell(): void {
    const { history } = getExecution(engine, arn);
    for (const event of history.slice(told)) lines.push(`${seconds(event.at)} ${describe(event)}`);
    told = history.length;
  }
  startExecution(engine, machineArn("golden"), "golden", JSON.stringify(input));
  tell();
  for (const step of act) {
    try {
      doStep(engine, arn, clock, tokens.at(-1) ?? "", step);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      lines.push(`${seconds(clock.now())} refused ${error.code}`);
    }
    tell();
  }
  expect(new Set(tokens).size).toBe(tokens.length);
  return [...lines, describeEnd(getExecution(engine, arn))];
}

const Message = z.object({ MessageBody: z.looseObject({ token: z.string().default("") }) });

function doStep(engine: Engine, arn: string, clock: ReturnType<typeof createManualClock>, token: string, step: string): void {
  const [, verb, first = "", rest = ""] = /^(\S+) ?(\S*) ?(.*)$/.exec(step) ?? [];
  switch (verb) {
    case "wait":
      return clock.advance(Number(first) * 1_000);
    case "succeed":
      return sendTaskSuccess(engine, token, step.slice("succeed ".length));
    case "fill":
      return sendTaskSuccess(engine, token, JSON.stringify("x".repeat(Number(first) - 2)));
    case "fail":
      return sendTaskFailure(engine, token, first, rest);
    case "heartbeat":
      return sendTaskHeartbeat(engine, token);
    case "stop":
      return void stopExecution(engine, arn, first, rest);
    default:
      throw new Error(`Nobody knows how to ${step}`);
  }
}

function describe({ type, details }: HistoryEvent): string {
  const { name, error } = z.object({ name: z.string().optional(), error: z.string().optional() }).parse(details ?? {});
  return [type, name, error].filter((part) => part !== undefined).join(" ");
}

function describeEnd({ status, output, error, cause }: Execution): string {
  return status === "SUCCEEDED" ? `${status} ${output ?? ""}` : `${status} ${error ?? ""}: ${cause ?? ""}`;
}

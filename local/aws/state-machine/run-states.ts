import type { JsonObject, JsonValue } from "../../../shared/platform/json.ts";
import { isStatePayloadTooLarge, LIMITS } from "../limits.ts";
import { chooseNext } from "./choose-next.ts";
import { MAXIMUM_TIMEOUT_SECONDS, type PassState, type State, type TaskState } from "./definition.ts";
import { endExecution, stopWaiting } from "./end-execution.ts";
import { type Engine, type Execution, record } from "./execution.ts";
import { findCatcher, nextRetry } from "./handle-error.ts";
import { readPath, writePath } from "./json-path.ts";
import { runtimeError, StateError } from "./state-error.ts";
import { createToken } from "./task-token.ts";
import { fillTemplate } from "./template.ts";

type Visit = { readonly name: string; readonly input: JsonValue };

/** Runs an execution from a state until it waits for something or ends. */
export function runStates(engine: Engine, execution: Execution, from: Visit): void {
  let visit: Visit | undefined = from;
  while (visit !== undefined) visit = enterState(engine, execution, visit);
}

function enterState(engine: Engine, execution: Execution, visit: Visit): Visit | undefined {
  const state = getState(execution, visit.name);
  if (execution.history.length > LIMITS.stepFunctionsHistoryEvents) {
    return failWith(engine, execution, runtimeError("The execution reached the maximum number of history events (25000)."));
  }
  record(engine, execution, `${state.Type}StateEntered`, { name: visit.name });
  switch (state.Type) {
    case "Succeed":
      record(engine, execution, "SucceedStateExited", { name: visit.name });
      endExecution(engine, execution, { status: "SUCCEEDED", output: JSON.stringify(visit.input) });
      return undefined;
    case "Fail":
      endExecution(engine, execution, { status: "FAILED", error: state.Error, cause: state.Cause });
      return undefined;
    case "Task":
      return startTask(engine, execution, visit, state, []);
    default:
      return pass(engine, execution, visit, state);
  }
}

/** States that are over as soon as they are entered. */
function pass(
  engine: Engine,
  execution: Execution,
  visit: Visit,
  state: Exclude<State, TaskState | { Type: "Succeed" | "Fail" }>,
): Visit | undefined {
  try {
    if (state.Type === "Choice") return leave(engine, execution, visit.name, state.Type, chooseNext(state, visit.input), visit.input);
    const output = writePath(visit.input, state.ResultPath, resultOf(execution, visit, state));
    return leave(engine, execution, visit.name, state.Type, state.Next, output);
  } catch (error) {
    return failWith(engine, execution, asStateError(error));
  }
}

function resultOf(execution: Execution, { name, input }: Visit, state: PassState): JsonValue {
  if (state.Result !== undefined) return state.Result;
  return state.Parameters === undefined ? input : fillTemplate(state.Parameters, { input, context: contextOf(execution, name, undefined) });
}

function startTask(engine: Engine, execution: Execution, visit: Visit, state: TaskState, retries: number[]): Visit | undefined {
  const token = createToken(execution);
  const details = { resource: state.Resource };
  try {
    const timeoutSeconds = readTimeout(state, visit.input);
    const context = contextOf(execution, visit.name, token);
    const parameters = fillTemplate(state.Parameters, { input: visit.input, context });
    record(engine, execution, "TaskScheduled", details);
    wait(engine, execution, { token, visit, state, retries, timeoutSeconds });
    record(engine, execution, "TaskStarted", details);
    engine.tasks[state.Resource]?.(parameters);
    record(engine, execution, "TaskSubmitted", details);
    return undefined;
  } catch (error) {
    stopWaiting(engine, execution);
    const stateError = asStateError(error);
    if (stateError !== error) record(engine, execution, "TaskSubmitFailed", { error: stateError.code, cause: stateError.message });
    return handleError(engine, execution, { visit, state, retries }, stateError);
  }
}

type TaskAttempt = { readonly visit: Visit; readonly state: TaskState; readonly retries: number[] };

function wait(engine: Engine, execution: Execution, attempt: TaskAttempt & { token: string; timeoutSeconds: number | undefined }): void {
  const { token, visit, state, retries, timeoutSeconds } = attempt;
  execution.waiting = {
    token,
    stateName: visit.name,
    input: visit.input,
    retries,
    heartbeatSeconds: state.HeartbeatSeconds,
    timeout: armDeadline(engine, execution, timeoutSeconds, "States.Timeout"),
    heartbeat: armDeadline(engine, execution, state.HeartbeatSeconds, "States.HeartbeatTimeout"),
  };
}

/** Ends the wait with an error after so many seconds, if it still goes on. */
export function armDeadline(engine: Engine, execution: Execution, seconds: number | undefined, code: string) {
  if (seconds === undefined) return undefined;
  return engine.agenda.at(engine.agenda.now() + seconds * 1_000, () => {
    record(engine, execution, "TaskTimedOut", { error: code });
    failWaiting(engine, execution, new StateError(code, ""));
  });
}

function readTimeout(state: TaskState, input: JsonValue): number | undefined {
  if (state.TimeoutSecondsPath === undefined) return state.TimeoutSeconds;
  const seconds = readPath(input, state.TimeoutSecondsPath);
  if (typeof seconds === "number" && Number.isInteger(seconds) && seconds > 0 && seconds <= MAXIMUM_TIMEOUT_SECONDS) return seconds;
  throw runtimeError(`The TimeoutSecondsPath ${state.TimeoutSecondsPath} must be a positive integer, not ${JSON.stringify(seconds)}`);
}

/** The callback's answer: the state that waited is over. */
export function completeWaiting(engine: Engine, execution: Execution, output: JsonValue): void {
  const { waiting } = execution;
  if (waiting === undefined) return;
  stopWaiting(engine, execution);
  const state = getTaskState(execution, waiting.stateName);
  record(engine, execution, "TaskSucceeded", { resource: state.Resource });
  const result = writePath(waiting.input, state.ResultPath, output);
  const next = leave(engine, execution, waiting.stateName, state.Type, state.Next, result);
  if (next !== undefined) runStates(engine, execution, next);
}

/** The callback's failure, or its timeout. */
export function failWaiting(engine: Engine, execution: Execution, error: StateError): void {
  const { waiting } = execution;
  if (waiting === undefined) return;
  stopWaiting(engine, execution);
  const state = getTaskState(execution, waiting.stateName);
  const visit = { name: waiting.stateName, input: waiting.input };
  const next = handleError(engine, execution, { visit, state, retries: waiting.retries }, error);
  if (next !== undefined) runStates(engine, execution, next);
}

function handleError(engine: Engine, execution: Execution, attempt: TaskAttempt, error: StateError): Visit | undefined {
  const { visit, state, retries } = attempt;
  const seconds = nextRetry(state.Retry, error, retries);
  if (seconds !== undefined) {
    execution.retrying = engine.agenda.at(engine.agenda.now() + seconds * 1_000, () => {
      execution.retrying = undefined;
      const next = startTask(engine, execution, visit, state, retries);
      if (next !== undefined) runStates(engine, execution, next);
    });
    return undefined;
  }
  const catcher = findCatcher(state.Catch, error);
  if (catcher === undefined) return failWith(engine, execution, error);
  const output = writePath(visit.input, catcher.ResultPath, { Error: error.code, Cause: error.message });
  return leave(engine, execution, visit.name, state.Type, catcher.Next, output);
}

function leave(
  engine: Engine,
  execution: Execution,
  name: string,
  type: State["Type"],
  next: string,
  output: JsonValue,
): Visit | undefined {
  if (isStatePayloadTooLarge(JSON.stringify(output))) {
    const cause = `The state '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`;
    return failWith(engine, execution, new StateError("States.DataLimitExceeded", cause));
  }
  record(engine, execution, `${type}StateExited`, { name });
  return { name: next, input: output };
}

function failWith(engine: Engine, execution: Execution, error: StateError): undefined {
  endExecution(engine, execution, { status: "FAILED", error: error.code, cause: error.message });
}

function contextOf(execution: Execution, stateName: string, token: string | undefined): JsonObject {
  return {
    Execution: { Id: execution.arn, Name: execution.name, StartTime: new Date(execution.startedAt).toISOString() },
    State: { Name: stateName },
    ...(token === undefined ? {} : { Task: { Token: token } }),
  };
}

function getState(execution: Execution, name: string): State {
  const state = execution.machine.definition.States[name];
  if (state === undefined) throw new Error(`${execution.machine.name} has no state ${name}`);
  return state;
}

function getTaskState(execution: Execution, name: string): TaskState {
  const state = getState(execution, name);
  if (state.Type !== "Task") throw new Error(`${name} is no task`);
  return state;
}

function asStateError(error: unknown): StateError {
  if (error instanceof StateError) return error;
  return new StateError("States.TaskFailed", error instanceof Error ? error.message : String(error));
}

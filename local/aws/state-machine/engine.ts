import { type JsonValue, parseJson } from "../../../shared/platform/json.ts";
import type { Agenda } from "../agenda.ts";
import { AwsError } from "../aws-error.ts";
import { isStatePayloadTooLarge } from "../limits.ts";
import { ACCOUNT_ID, REGION } from "../queue.ts";
import type { Definition } from "./definition.ts";
import { describeStatus, endExecution } from "./end-execution.ts";
import { type Engine, type Execution, type Machine, record, type StartTask, type StatusChange } from "./execution.ts";
import { armDeadline, completeWaiting, failWaiting, runStates } from "./run-states.ts";
import { StateError } from "./state-error.ts";
import { findWaiting } from "./task-token.ts";

export type EngineSettings = {
  readonly agenda: Agenda;
  /** Loaded definitions by the name of their state machine. */
  readonly machines: Readonly<Record<string, Definition>>;
  /** What each Resource of the definitions does. */
  readonly tasks: Readonly<Record<string, StartTask>>;
  readonly onStatusChange?: (event: StatusChange) => void;
};

/**
 * Step Functions for one process: Standard executions of callback tasks. Keeps nothing on disk; after a restart an execution is
 * started again under a new name, at its phase.
 */
export function createEngine({ agenda, machines, tasks, onStatusChange = () => {} }: EngineSettings): Engine {
  const known = Object.entries(machines).map(([name, definition]): Machine => ({ arn: machineArn(name), name, definition }));
  for (const { name, definition } of known) {
    for (const state of Object.values(definition.States)) {
      if (state.Type !== "Task" || Object.hasOwn(tasks, state.Resource)) continue;
      throw new Error(`${name} uses ${state.Resource}, which the embedded engine does not do`);
    }
  }
  return { agenda, machines: new Map(known.map((machine) => [machine.arn, machine])), tasks, executions: new Map(), onStatusChange };
}

export function machineArn(name: string): string {
  return `arn:aws:states:${REGION}:${ACCOUNT_ID}:stateMachine:${name}`;
}

/** Idempotent while the execution of that name is open and the input is the same; a closed name is refused. */
export function startExecution(engine: Engine, stateMachineArn: string, name: string, input: string): Execution {
  const machine = engine.machines.get(stateMachineArn);
  if (machine === undefined) throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${stateMachineArn}'`);
  if (!/^[\w.-]{1,80}$/.test(name)) throw new AwsError("InvalidName", `Invalid Name: '${name}'`);
  if (isStatePayloadTooLarge(input)) throw new AwsError("InvalidExecutionInput", "The execution's input is larger than 262144 bytes");
  const parsed = parseOrRefuse(input, "InvalidExecutionInput");
  const arn = `${machine.arn.replace(":stateMachine:", ":execution:")}:${name}`;
  const existing = engine.executions.get(arn);
  if (existing?.status === "RUNNING" && existing.input === input) return existing;
  if (existing !== undefined) throw new AwsError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
  const execution: Execution = {
    arn,
    name,
    machine,
    input,
    startedAt: engine.agenda.now(),
    history: [],
    status: "RUNNING",
    stoppedAt: undefined,
    output: undefined,
    error: undefined,
    cause: undefined,
    waiting: undefined,
    retrying: undefined,
  };
  engine.executions.set(arn, execution);
  record(engine, execution, "ExecutionStarted");
  engine.onStatusChange(describeStatus(execution, "RUNNING"));
  runStates(engine, execution, { name: machine.definition.StartAt, input: parsed });
  return execution;
}

export function getExecution(engine: Engine, executionArn: string): Execution {
  const execution = engine.executions.get(executionArn);
  if (execution === undefined) throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
  return execution;
}

/** Runs no Catch. An execution that is closed stays as it is. */
export function stopExecution(engine: Engine, executionArn: string, error: string, cause: string): Execution {
  const execution = getExecution(engine, executionArn);
  if (execution.status === "RUNNING") endExecution(engine, execution, { status: "ABORTED", error, cause });
  return execution;
}

export function sendTaskSuccess(engine: Engine, token: string, output: string): void {
  if (isStatePayloadTooLarge(output)) throw new AwsError("InvalidOutput", "The output is larger than 262144 bytes");
  const parsed = parseOrRefuse(output, "InvalidOutput");
  completeWaiting(engine, findWaiting(engine, token).execution, parsed);
}

export function sendTaskFailure(engine: Engine, token: string, error: string, cause: string): void {
  const { execution } = findWaiting(engine, token);
  record(engine, execution, "TaskFailed", { error, cause });
  failWaiting(engine, execution, new StateError(error, cause));
}

/** Begins the heartbeat's time anew; the timeout of the state goes on. */
export function sendTaskHeartbeat(engine: Engine, token: string): void {
  const { execution, waiting } = findWaiting(engine, token);
  if (waiting.heartbeat === undefined) return;
  engine.agenda.cancel(waiting.heartbeat);
  waiting.heartbeat = armDeadline(engine, execution, waiting.heartbeatSeconds, "States.HeartbeatTimeout");
}

function parseOrRefuse(text: string, code: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    throw new AwsError(code, "Invalid JSON");
  }
}

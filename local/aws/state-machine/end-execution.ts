import { randomUUID } from "node:crypto";
import { ACCOUNT_ID, REGION } from "../queue.ts";
import { type Engine, type Execution, type ExecutionStatus, record, type StatusChange } from "./execution.ts";

/** Closed executions that can still be described; AWS keeps them for 90 days, and so their names. */
const KEPT_CLOSED = 1_000;

const CLOSING_EVENT = { SUCCEEDED: "ExecutionSucceeded", FAILED: "ExecutionFailed", ABORTED: "ExecutionAborted" } as const;

export type Ending =
  | { readonly status: "SUCCEEDED"; readonly output: string }
  | { readonly status: "FAILED" | "ABORTED"; readonly error: string; readonly cause: string };

/** Closes an execution, whatever it waits for, and tells of it. */
export function endExecution(engine: Engine, execution: Execution, ending: Ending): void {
  stopWaiting(engine, execution);
  if (execution.retrying !== undefined) engine.agenda.cancel(execution.retrying);
  execution.retrying = undefined;
  execution.status = ending.status;
  execution.stoppedAt = engine.agenda.now();
  if (ending.status === "SUCCEEDED") execution.output = ending.output;
  else {
    execution.error = ending.error;
    execution.cause = ending.cause;
  }
  record(
    engine,
    execution,
    CLOSING_EVENT[ending.status],
    ending.status === "SUCCEEDED" ? undefined : { error: ending.error, cause: ending.cause },
  );
  forgetOldest(engine);
  engine.onStatusChange(describeStatus(execution, ending.status));
}

/** The token of the state that waits is worth nothing from now on. */
export function stopWaiting({ agenda }: Engine, execution: Execution): void {
  const { waiting } = execution;
  execution.waiting = undefined;
  if (waiting?.timeout !== undefined) agenda.cancel(waiting.timeout);
  if (waiting?.heartbeat !== undefined) agenda.cancel(waiting.heartbeat);
}

export function describeStatus(execution: Execution, status: ExecutionStatus): StatusChange {
  const { arn, name, machine, input, startedAt, stoppedAt, output, error, cause } = execution;
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Step Functions Execution Status Change",
    source: "aws.states",
    account: ACCOUNT_ID,
    time: new Date(stoppedAt ?? startedAt).toISOString(),
    region: REGION,
    resources: [arn],
    detail: {
      executionArn: arn,
      stateMachineArn: machine.arn,
      name,
      status,
      startDate: startedAt,
      stopDate: stoppedAt ?? null,
      input,
      output: output ?? null,
      error: error ?? null,
      cause: cause ?? null,
    },
  };
}

function forgetOldest({ executions }: Engine): void {
  if (executions.size <= 2 * KEPT_CLOSED) return;
  const closed = [...executions.values()].filter((execution) => execution.status !== "RUNNING");
  for (const { arn } of closed.slice(0, Math.max(0, closed.length - KEPT_CLOSED))) executions.delete(arn);
}

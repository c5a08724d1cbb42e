import type { JsonValue } from "../../../shared/platform/json.ts";
import type { Agenda, Appointment } from "../agenda.ts";
import type { Definition } from "./definition.ts";

export type Machine = { readonly arn: string; readonly name: string; readonly definition: Definition };

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED";

/** A callback state that waits for its token, with the deadlines of the wait. */
export type Waiting = {
  readonly token: string;
  readonly stateName: string;
  readonly input: JsonValue;
  readonly retries: number[];
  readonly heartbeatSeconds: number | undefined;
  readonly timeout: Appointment | undefined;
  heartbeat: Appointment | undefined;
};

export type HistoryEvent = { readonly at: number; readonly type: string; readonly details?: Readonly<Record<string, JsonValue>> };

export type Execution = {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  /** As given, because a second start must give the same. */
  readonly input: string;
  readonly startedAt: number;
  readonly history: HistoryEvent[];
  status: ExecutionStatus;
  stoppedAt: number | undefined;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  waiting: Waiting | undefined;
  /** Set while a state waits to be tried again. */
  retrying: Appointment | undefined;
};

/** Does what a callback task's Resource names: hands over the parameters, which hold the token. */
export type StartTask = (parameters: JsonValue) => void;

export type Engine = {
  readonly agenda: Agenda;
  readonly machines: ReadonlyMap<string, Machine>;
  readonly tasks: Readonly<Record<string, StartTask>>;
  readonly executions: Map<string, Execution>;
  /** Told of each start and each end, in the words of EventBridge. */
  readonly onStatusChange: (event: StatusChange) => void;
};

export type StatusChange = {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": "Step Functions Execution Status Change";
  readonly source: "aws.states";
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    readonly executionArn: string;
    readonly stateMachineArn: string;
    readonly name: string;
    readonly status: ExecutionStatus;
    readonly startDate: number;
    readonly stopDate: number | null;
    readonly input: string;
    readonly output: string | null;
    readonly error: string | null;
    readonly cause: string | null;
  };
};

export function record(engine: Engine, execution: Execution, type: string, details?: HistoryEvent["details"]): void {
  execution.history.push({ at: engine.agenda.now(), type, ...(details === undefined ? {} : { details }) });
}

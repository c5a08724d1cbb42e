import { readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import type { Agenda } from "../../local/aws/agenda.ts";
import { AwsError } from "../../local/aws/aws-error.ts";
import {
  createEngine,
  machineArn,
  sendTaskFailure,
  sendTaskHeartbeat,
  sendTaskSuccess,
  startExecution,
  stopExecution,
} from "../../local/aws/state-machine/engine.ts";
import type { Engine, StatusChange } from "../../local/aws/state-machine/execution.ts";
import { loadDefinition } from "../../local/aws/state-machine/load-definition.ts";
import type { Outbox } from "../../shared/orchestration/deps.ts";

const definition = loadDefinition(
  readFileSync(path.join(process.env["COGNITION_ROOT"] ?? process.cwd(), "infra/state-machines/run.asl.json"), "utf8"),
  { ControlQueueUrl: "control" },
);

const Handover = z.object({ MessageBody: z.record(z.string(), z.json()) });

/** The state machine of the product on the embedded engine, which hands its messages to `send`. */
export function createStateMachine(agenda: Agenda, send: (message: object) => void, onEnd: (event: StatusChange) => void): Engine {
  return createEngine({
    agenda,
    machines: { run: definition },
    tasks: { "arn:aws:states:::sqs:sendMessage.waitForTaskToken": (parameters) => send(Handover.parse(parameters).MessageBody) },
    onStatusChange(event) {
      // What the rule on the bus forwards.
      if (event.detail.status === "FAILED" || event.detail.status === "ABORTED") onEnd(event);
    },
  });
}

type ToStateMachine = Pick<Outbox, "answerPhase" | "heartbeatPhase" | "findExecution" | "startExecution" | "stopExecution">;

/** The product's own calls of Step Functions, without the SDK between. */
export function callStateMachine(engine: Engine): ToStateMachine {
  return {
    async answerPhase(token, due) {
      unless(["TaskTimedOut", "TaskDoesNotExist"], () => {
        if (due.kind === "success") sendTaskSuccess(engine, token, JSON.stringify(due.output));
        else sendTaskFailure(engine, token, due.error.code, JSON.stringify(due.error));
      });
    },
    heartbeatPhase: async (token) => unless(["TaskTimedOut", "TaskDoesNotExist"], () => sendTaskHeartbeat(engine, token)),
    async findExecution(name) {
      const execution = engine.executions.get(executionArn(name));
      return execution === undefined ? undefined : { status: execution.status, error: execution.error, cause: execution.cause };
    },
    async startExecution({ name, ...input }) {
      unless(["ExecutionAlreadyExists"], () => {
        startExecution(engine, machineArn("run"), name, JSON.stringify(input));
      });
    },
    async stopExecution(name, cause) {
      unless(["ExecutionDoesNotExist"], () => {
        stopExecution(engine, executionArn(name), "", cause);
      });
    },
  };
}

function executionArn(name: string): string {
  return `${machineArn("run").replace(":stateMachine:", ":execution:")}:${name}`;
}

function unless(codes: readonly string[], call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (!(error instanceof AwsError) || !codes.includes(error.code)) throw error;
    return false;
  }
}

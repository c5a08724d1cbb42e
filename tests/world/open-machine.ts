import { readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { createAgenda } from "../../local/aws/agenda.ts";
import { createManualClock } from "../../local/aws/clock.ts";
import { createEngine, machineArn, stopExecution } from "../../local/aws/state-machine/engine.ts";
import type { Engine, Execution } from "../../local/aws/state-machine/execution.ts";
import { loadDefinition } from "../../local/aws/state-machine/load-definition.ts";
import { createStepFunctionsRequestHandler } from "../../local/aws/state-machine/request-handler.ts";
import { callStateMachine } from "../../shared/orchestration/aws/aws-state-machine.ts";
import { ControlMessage } from "../../shared/orchestration/conductor/control-message.ts";
import type { Outbox, WatchdogCall } from "../../shared/orchestration/deps.ts";
import { setRequestHandler } from "../../shared/platform/aws/client-options.ts";
import type { World } from "./open-world.ts";

export const ASL = readFileSync(path.resolve(import.meta.dirname, "../../infra/state-machines/run.asl.json"), "utf8");

export type Machine = {
  world: World;
  engine: Engine;
  /** Watchdogs as they were sent: a test delivers them, or loses them. */
  watchdogs: (WatchdogCall & { delay: number })[];
  execution: (runId: string, number: number) => Execution | undefined;
  /** Ends an execution behind everybody's back; the event that tells of it is lost. */
  lose: (runId: string, number: number, how: "forgotten" | "aborted") => void;
  /** Lets time pass for the world and the state machine. */
  pass: (seconds: number) => void;
};

const Handover = z.object({ MessageBody: z.record(z.string(), z.json()) });

/** The world around the product's state machine on the embedded engine, reached by the product's own calls of Step Functions. */
export function openMachine(world: World): Machine {
  const clock = createManualClock(world.clock.now.getTime());
  let losesEvents = false;
  const engine = createEngine({
    agenda: createAgenda(clock),
    machines: { run: loadDefinition(ASL, { ControlQueueUrl: "control" }) },
    tasks: {
      "arn:aws:states:::sqs:sendMessage.waitForTaskToken": (parameters) =>
        void world.control.push(ControlMessage.parse(Handover.parse(parameters).MessageBody)),
    },
    onStatusChange(event) {
      if (losesEvents || event.detail.status === "RUNNING" || event.detail.status === "SUCCEEDED") return;
      world.control.push(ControlMessage.parse(event));
    },
  });
  setRequestHandler(createStepFunctionsRequestHandler(engine));
  const watchdogs: Machine["watchdogs"] = [];
  const outbox: Outbox = {
    ...world.deps.outbox,
    ...callStateMachine(machineArn("run")),
    sendWatchdog: async (message, delay) => void watchdogs.push({ ...message, delay }),
  };
  const arnOf = (runId: string, number: number) => `${machineArn("run").replace(":stateMachine:", ":execution:")}:${runId}-${number}`;
  return {
    world: { ...world, deps: { ...world.deps, outbox } },
    engine,
    watchdogs,
    execution: (runId, number) => engine.executions.get(arnOf(runId, number)),
    lose(runId, number, how) {
      losesEvents = true;
      if (how === "aborted") stopExecution(engine, arnOf(runId, number), "", "by somebody at the console");
      else engine.executions.delete(arnOf(runId, number));
      losesEvents = false;
    },
    pass(seconds) {
      clock.advance(seconds * 1_000);
      world.clock.now = new Date(clock.now());
    },
  };
}

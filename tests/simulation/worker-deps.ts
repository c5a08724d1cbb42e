import type { ConductorDeps, Outbox } from "../../shared/orchestration/deps.ts";
import { findPromptHash } from "../../shared/prompts/find-prompt-hash.ts";
import { pricesOf } from "../world/open-world.ts";
import type { Fault } from "./faults.ts";
import { sendMessage } from "./queue.ts";
import { type Worker, WorkerKilled } from "./scheduler.ts";
import { goesWrong, LEASE_SECONDS, type Simulation, WATCHDOG_SECONDS } from "./simulation.ts";
import { callStateMachine } from "./state-machine.ts";
import { mayDie, watchDatabase } from "./watched-database.ts";

/** What a call may cost at most; its answer says by its tokens what it did cost. Nano-dollars. */
export const WORST_CASE = 100n;

export class SendFailed extends Error {
  override readonly name = "SendFailed";
}

/** Everything that the product gives its workers, each of which may be killed by `fault`. */
export function createDeps(simulation: Simulation, worker: Worker, fault: Fault): ConductorDeps {
  const { clock, checks } = simulation;
  const free = pricesOf(WORST_CASE, 0n);
  return {
    db: watchDatabase(simulation, worker, fault),
    outbox: createOutbox(simulation, worker, fault),
    prices: {
      worstCase: free.worstCase,
      charge: (model, usage) => ({ ...free.charge(model, usage), cost_nano: BigInt(usage.output_tokens) }),
    },
    newId: simulation.newId,
    now: () => new Date(clock.now()),
    hashPrompt: findPromptHash,
    leaseSeconds: LEASE_SECONDS,
    watchdogSeconds: WATCHDOG_SECONDS,
    log(message, { error }) {
      const isMeant = !(error instanceof Error) || error instanceof WorkerKilled || error instanceof SendFailed;
      checks.check("errors", isMeant, () => `${message}: ${describeError(error)}`);
    },
  };
}

function createOutbox(simulation: Simulation, worker: Worker, fault: Fault): Outbox {
  const { queues, engine } = simulation;
  const machine = callStateMachine(engine);
  /** Each send is one more point to die at, and may fail aloud: before it had an effect, or after. */
  const risky =
    <Arguments extends unknown[], Answer>(name: string, send: (...given: Arguments) => Answer | Promise<Answer>) =>
    async (...given: Arguments): Promise<Answer> => {
      mayDie(simulation, worker, fault, name);
      const fails = !worker.isSafe && goesWrong(simulation, "send failed", name);
      if (fails && simulation.random.chance(0.5)) throw new SendFailed(name);
      const answer = await send(...given);
      if (fails) throw new SendFailed(name);
      return answer;
    };
  return {
    sendEffects: risky("sendEffects", (effects) => {
      for (const { effect_id, try: attempt, kind } of effects) {
        if (kind === "recall") sendMessage(simulation, queues.control, { kind: "effect", effect_id, try: attempt });
        else sendMessage(simulation, queues.effects, { effect_id, try: attempt });
      }
    }),
    answerPhase: risky("answerPhase", machine.answerPhase),
    heartbeatPhase: risky("heartbeatPhase", machine.heartbeatPhase),
    findExecution: risky("findExecution", machine.findExecution),
    startExecution: risky("startExecution", machine.startExecution),
    stopExecution: risky("stopExecution", machine.stopExecution),
    sendWatchdog: risky("sendWatchdog", (call, delaySeconds) => {
      sendMessage(simulation, queues.control, { kind: "watchdog", ...call }, { delaySeconds });
    }),
    sendHint: risky("sendHint", (run_id) => {
      sendMessage(simulation, queues.control, { kind: "hint", run_id });
    }),
    hintEvents: risky("hintEvents", () => undefined),
  };
}

export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

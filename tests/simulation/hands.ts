import { type ClaimedEffect, EffectMessage, type EffectOutcome, type EffectReport } from "../../shared/effects/contract.ts";
import { LlmCall } from "../../shared/llm/contract.ts";
import type { ConductorDeps } from "../../shared/orchestration/deps.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import { extendLeases } from "../../shared/orchestration/sql/claim-effects.ts";
import { JsonObject } from "../../shared/platform/json.ts";
import { succeedWith } from "../world/scripted-hands.ts";
import type { Message } from "./message.ts";
import { giveBack, sendMessage } from "./queue.ts";
import { type Worker, WorkerKilled } from "./scheduler.ts";
import { answerCall, rejectWith } from "./scripted-model.ts";
import { goesWrong, LEASE_SECONDS, type Simulation, say, WATCHDOG_SECONDS } from "./simulation.ts";
import { createDeps, WORST_CASE } from "./worker-deps.ts";

/** A hand claims a batch of effects, carries them out one after the other and reports each. Its messages come again only if it dies. */
export async function workAsHand(simulation: Simulation, worker: Worker, messages: readonly Message[]): Promise<void> {
  const deps = createDeps(simulation, worker, "hand killed");
  try {
    const asked = messages.map((message) => EffectMessage.parse(JSON.parse(message.body)));
    const claimed = await claimForHands(deps, asked);
    say(simulation, `${worker.name} claimed ${claimed.map((effect) => `${effect.kind} ${effect.effect_id}`).join(", ") || "nothing"}`);
    for (const effect of claimed) await carryOut(simulation, worker, deps, effect);
  } catch (error) {
    simulation.checks.check("errors", error instanceof WorkerKilled, () => String(error));
    giveBack(simulation, simulation.queues.effects, messages);
  }
}

async function carryOut(simulation: Simulation, worker: Worker, deps: ConductorDeps, effect: ClaimedEffect): Promise<void> {
  if (goesWrong(simulation, "died after the claim", worker.name)) kill(worker);
  simulation.leases.contacted(effect.effect_id, effect.safety === "once");
  const outcome = answer(simulation, effect);
  if (goesWrong(simulation, "died after the contact", worker.name)) kill(worker);
  if (goesWrong(simulation, "answered after its lease", worker.name))
    await takeTime(simulation, worker, LEASE_SECONDS + simulation.random.integer(1, 90));
  else if (effect.safety === "once" && goesWrong(simulation, "once effect answered much later"))
    await takeTime(simulation, worker, LEASE_SECONDS + simulation.random.integer(2 * WATCHDOG_SECONDS, 900));
  else if (simulation.random.chance(0.3) && !(await stayAlive(simulation, worker, deps, effect))) return;
  const report: EffectReport = { effect_id: effect.effect_id, lease_token: effect.lease_token, outcome };
  const { queues } = simulation;
  if (goesWrong(simulation, "answered with a foreign token"))
    sendMessage(simulation, queues.results, { ...report, lease_token: simulation.newId() });
  sendMessage(simulation, queues.results, report);
  if (goesWrong(simulation, "answered twice")) sendMessage(simulation, queues.results, report);
}

/** Works for a while and extends its lease meanwhile; false when it was told to stop. */
async function stayAlive(
  simulation: Simulation,
  worker: Worker,
  deps: ConductorDeps,
  { effect_id, lease_token }: ClaimedEffect,
): Promise<boolean> {
  await takeTime(simulation, worker, simulation.random.integer(1, 40));
  const now = deps.now();
  const [extension] = await deps.db.transact({ role: "engine" }, (db) =>
    extendLeases(db, [{ effect_id, lease_token }], LEASE_SECONDS, now),
  );
  if (extension?.stop !== false) return false;
  simulation.leases.extended(effect_id, now.getTime() + LEASE_SECONDS * 1_000);
  await takeTime(simulation, worker, simulation.random.integer(1, 60));
  return true;
}

async function takeTime({ clock, scheduler }: Simulation, worker: Worker, seconds: number): Promise<void> {
  const until = clock.now() + seconds * 1_000;
  // The alarm lets the clock find this moment when nobody else has anything to do.
  clock.wakeAt(until, () => undefined);
  await scheduler.waitForTurn(worker, "at work", () => clock.now() >= until);
}

function kill(worker: Worker): never {
  worker.isDead = true;
  throw new WorkerKilled(worker.name);
}

function answer(simulation: Simulation, effect: ClaimedEffect): EffectOutcome {
  if (effect.kind !== "llm") {
    if (goesWrong(simulation, "tool failed"))
      return { status: "failed", error: { code: "tool-failed", detail: "it could not", retryable: false } };
    return { status: "done", result: { tool: effect.request["tool"] ?? null } };
  }
  const unavailable = { code: "provider-unavailable", detail: "nobody answers", retryable: true };
  if (goesWrong(simulation, "provider down for a while"))
    simulation.outageUntil = simulation.clock.now() + simulation.random.integer(20, 900) * 1_000;
  if (!simulation.isCalm && simulation.clock.now() < simulation.outageUntil) return { status: "failed", error: unavailable };
  if (goesWrong(simulation, "bill of an unknown amount")) return { status: "failed", error: unavailable };
  if (goesWrong(simulation, "provider failed")) return { status: "failed", error: { ...unavailable, code: "provider-rejected" } };
  const said = answerOtherwise(simulation, effect.request, answerCall(scriptsOf(simulation), effect.request));
  return misread(simulation, withBill(simulation, said));
}

function scriptsOf({ goals }: Simulation): Map<string, Simulation["goals"][number]["script"]> {
  return new Map(goals.map(({ script }) => [script.goal, script]));
}

function withBill(simulation: Simulation, outcome: EffectOutcome): EffectOutcome {
  const most = Number(WORST_CASE);
  const cost = goesWrong(simulation, "bill above its hold") ? most + simulation.random.integer(1, 50) : simulation.random.integer(0, most);
  return { ...outcome, usage: { model: "scripted", input_tokens: 10, output_tokens: cost, cached_input_tokens: 0 } };
}

/** An executor may give what no check accepts, and a critic reject. */
function answerOtherwise(simulation: Simulation, request: JsonObject, outcome: EffectOutcome): EffectOutcome {
  const { name } = LlmCall.parse(request).prompt;
  if (name === "executor" && isText(outcome) && goesWrong(simulation, "answer not accepted")) return succeedWith("so-so");
  return name === "critic" && goesWrong(simulation, "review rejects") ? rejectWith("not yet") : outcome;
}

function misread(simulation: Simulation, outcome: EffectOutcome): EffectOutcome {
  const result = resultOf(outcome);
  if (result === undefined) return outcome;
  if (goesWrong(simulation, "answer cut off")) return { ...outcome, status: "done", result: { ...result, finish_reason: "length" } };
  if (isText(outcome) && goesWrong(simulation, "answer of no form"))
    return { ...outcome, status: "done", result: { ...result, text: "so to speak" } };
  return outcome;
}

function isText(outcome: EffectOutcome): boolean {
  return resultOf(outcome)?.["finish_reason"] === "stop";
}

function resultOf(outcome: EffectOutcome): JsonObject | undefined {
  return outcome.status === "done" ? JsonObject.safeParse(outcome.result).data : undefined;
}

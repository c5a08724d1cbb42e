import type { EffectReport } from "../../shared/effects/contract.ts";
import type { ControlMessage } from "../../shared/orchestration/conductor/control-message.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import type { ConductorDeps, Prices } from "../../shared/orchestration/deps.ts";
import type { PhaseDue } from "../../shared/orchestration/domain/batch.ts";
import { claimForHands } from "../../shared/orchestration/ledger/claim-effects.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import { joinWorkspace } from "../../shared/orchestration/runs/join-workspace.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { findPromptHash } from "../../shared/prompts/find-prompt-hash.ts";
import { carryOut, type Script } from "./scripted-hands.ts";

export type EffectToSend = { effect_id: string; try: number; kind: string };

export type World = {
  deps: ConductorDeps;
  /** Queues as plain lists: a test delivers, doubles, drops and reorders as it likes. */
  control: ControlMessage[];
  effects: EffectToSend[];
  /** Hints that were asked for later. */
  delayed: { run_id: string; seconds: number }[];
  stopped: string[];
  /** Tokens of phases that the state machine was told to wait on for. */
  heartbeats: string[];
  workspaceId: string;
  clock: { now: Date };
};

const FREE: Prices = {
  worstCase: () => 0n,
  charge: (model, usage) => ({
    provider: "scripted",
    model,
    input_tokens: usage.input_tokens,
    output_tokens: usage.output_tokens,
    cached_tokens: 0,
    cost_nano: 0n,
    price_status: "local",
    price_source: null,
  }),
};

/** `perCall` is what each call of a priced model may cost at most; `cost` what it then costs. Nano-dollars. */
export function pricesOf(perCall: bigint, cost: bigint): Prices {
  return {
    worstCase: () => perCall,
    charge: (model, usage) => ({ ...FREE.charge(model, usage), cost_nano: cost, price_status: "priced" }),
  };
}

/** A workspace with its agents on a migrated database, and the conductor around it with lists for queues. */
export async function openWorld(db: Database, options: { prices?: Prices; executorCapacity?: number } = {}): Promise<World> {
  const workspaceId = uuidv7();
  const clock = { now: new Date() };
  const world: Omit<World, "deps"> = { control: [], effects: [], delayed: [], stopped: [], heartbeats: [], workspaceId, clock };
  const deps: ConductorDeps = {
    db,
    prices: options.prices ?? FREE,
    newId: uuidv7,
    now: () => clock.now,
    hashPrompt: findPromptHash,
    leaseSeconds: 90,
    watchdogSeconds: 60,
    log: () => undefined,
    outbox: {
      async sendEffects(effects) {
        for (const { effect_id, try: attempt, kind } of effects) {
          if (kind === "recall") world.control.push({ kind: "effect", effect_id, try: attempt });
          else world.effects.push({ effect_id, try: attempt, kind });
        }
      },
      answerPhase: async (token, due) => void moveOn(world.control, token, due),
      heartbeatPhase: async (token) => world.heartbeats.push(token) > 0,
      findExecution: async () => undefined,
      startExecution: async ({ run_id, phase }) => void world.control.push(phaseMessage(run_id, phase)),
      stopExecution: async (name) => void world.stopped.push(name),
      sendWatchdog: async () => undefined,
      sendHint: async (runId, delaySeconds = 0) => {
        if (delaySeconds > 0) world.delayed.push({ run_id: runId, seconds: delaySeconds });
        else world.control.push({ kind: "hint", run_id: runId });
      },
      hintEvents: async () => undefined,
    },
  };
  await createWorkspace(db, workspaceId, uuidv7, options.executorCapacity);
  return { ...world, deps };
}

export async function createWorkspace(db: Database, id: string, newId: () => string, executorCapacity?: number): Promise<void> {
  await db.transact({ role: "app", workspaceId: id, userId: id }, async (connection) => {
    await connection.query("INSERT INTO users (id, username, email, password_hash) VALUES ($1, $2, $3, 'x')", [
      id,
      id,
      `${id}@example.org`,
    ]);
    await connection.query("INSERT INTO workspaces (id, name, owner_user_id) VALUES ($1, 'test', $1)", [id]);
    await joinWorkspace(connection, id, newId);
    if (executorCapacity === undefined) return;
    await connection.query("UPDATE agents SET max_concurrent_tasks = $1 WHERE role = 'executor'", [executorCapacity]);
  });
}

/** The state machine in a few lines: a phase that succeeds is followed by the next or by another plan, one that fails by `fail`. */
function moveOn(control: ControlMessage[], token: string, due: PhaseDue): void {
  const [runId = "", phase = ""] = token.split("/");
  const order = ["plan", "execute", "review", "summarize"];
  if (phase === "fail") return;
  const isReplan = due.kind === "success" && due.output["replan"] === true;
  const next = isReplan ? "plan" : due.kind === "success" ? order[order.indexOf(phase) + 1] : "fail";
  if (next !== undefined) control.push(phaseMessage(runId, next, due));
}

function phaseMessage(runId: string, phase: string, due?: PhaseDue): ControlMessage {
  const error = due?.kind === "failure" ? { Error: due.error.code, Cause: JSON.stringify(due.error) } : undefined;
  const known = phase === "execute" || phase === "review" || phase === "summarize" || phase === "fail" ? phase : "plan";
  return { kind: "phase", phase: known, run_id: runId, token: `${runId}/${phase}`, ...(error === undefined ? {} : { error }) };
}

export async function postGoal(world: World, goal: string, limit: bigint | null = null): Promise<string> {
  const runId = uuidv7();
  const { workspaceId } = world;
  await createRun(world.deps, { runId, workspaceId, userId: workspaceId, goal, files: [], model: "local:scripted", limit });
  return runId;
}

/** Delivers everything on the queues until nothing is left, carrying out effects by the script. */
export async function settleWorld(world: World, script: Script): Promise<void> {
  while (world.control.length + world.effects.length > 0) {
    await processControl(world.deps, world.control.splice(0, 10));
    const reports = await carryOutDue(world, script, 10);
    if (reports.length > 0) await processReports(world.deps, reports);
  }
}

/** Takes up to `most` effect messages, claims them and answers the reports of those that were granted. */
export async function carryOutDue(world: World, script: Script, most: number): Promise<EffectReport[]> {
  const messages = world.effects.splice(0, most);
  if (messages.length === 0) return [];
  const claimed = await claimForHands(
    world.deps,
    messages.map(({ effect_id, try: attempt }) => ({ effect_id, try: attempt })),
  );
  return claimed.map((effect) => ({ effect_id: effect.effect_id, lease_token: effect.lease_token, outcome: carryOut(script, effect) }));
}

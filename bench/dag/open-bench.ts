import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { EffectReport } from "../../shared/effects/contract.ts";
import { type Conductor, conduct } from "../../shared/orchestration/conductor/conduct.ts";
import type { PhaseDue } from "../../shared/orchestration/domain/batch.ts";
import { openPrices } from "../../shared/orchestration/prices/open-prices.ts";
import { joinWorkspace } from "../../shared/orchestration/runs/join-workspace.ts";
import type { ClaimedRow } from "../../shared/orchestration/sql/claim-effects.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { findPromptHash } from "../../shared/prompts/find-prompt-hash.ts";

/** Tasks that the workspace carries out at once. */
export const SLOTS = 200;

export type BenchWorkspace = { workspaceId: string; executorId: string };

export type Bench = {
  conductor: Conductor;
  workspace: BenchWorkspace;
  /** Resolves when the phase that waits with this token is over. */
  endOf(token: string): Promise<void>;
};

/**
 * A conductor as the product opens it, whose own process answers the model calls of executors: after the milliseconds that `timeOf` gives
 * for a task's ordinal, or at once. The state machine and the queues are not there: nothing is sent to them.
 */
export async function openBench(database: Database, timeOf: (ordinal: number) => number = () => 0): Promise<Bench> {
  const phases = new Map<string, (due: PhaseDue) => void>();
  const nothing = async () => undefined;
  const conductor = conduct(
    {
      db: database,
      newId: uuidv7,
      now: () => new Date(),
      hashPrompt: findPromptHash,
      leaseSeconds: 90,
      watchdogSeconds: 60,
      prices: await openPrices("openai:gpt-4o-mini", new Date()),
      log: (message, fields) => process.stderr.write(`${message} ${String(fields["error"])}\n`),
      outbox: {
        async sendEffects(effects) {
          if (effects.length > 0) throw new Error("an effect was sent to a queue: nobody answers it here");
        },
        answerPhase: async (token, due) => phases.get(token)?.(due),
        heartbeatPhase: async () => true,
        findExecution: nothing,
        startExecution: nothing,
        stopExecution: nothing,
        sendWatchdog: nothing,
        sendHint: nothing,
        hintEvents: nothing,
      },
    },
    { llm: (effect) => answer(effect, timeOf) },
  );
  return {
    conductor,
    workspace: await createWorkspace(database),
    endOf: (token) =>
      new Promise((resolve, reject) => {
        phases.set(token, (due) => {
          phases.delete(token);
          if (due.kind === "success") resolve();
          else reject(new Error(`A run of the bench failed: ${due.error.code} ${due.error.detail}`));
        });
      }),
  };
}

const Request = z.object({ model: z.string(), variables: z.object({ task: z.object({ ordinal: z.int() }) }) });
const ANSWER = JSON.stringify({ status: "success", output: { result: "done", details: "" }, error: "" });

async function answer(effect: ClaimedRow, timeOf: (ordinal: number) => number): Promise<EffectReport> {
  const { model, variables } = Request.parse(effect.request);
  const milliseconds = timeOf(variables.task.ordinal);
  if (milliseconds > 0) await sleep(milliseconds);
  return {
    effect_id: effect.effect_id,
    lease_token: effect.lease_token,
    outcome: {
      status: "done",
      result: { model, text: ANSWER, tool_calls: [], finish_reason: "stop", provider_request_id: null },
      usage: { model, input_tokens: 100, output_tokens: 20, cached_input_tokens: 0 },
    },
  };
}

async function createWorkspace(database: Database): Promise<BenchWorkspace> {
  const workspaceId = uuidv7();
  return database.transact({ role: "app", workspaceId, userId: workspaceId }, async (db) => {
    await db.query("INSERT INTO users (id, username, email, password_hash) VALUES ($1, $2, $2, 'x')", [
      workspaceId,
      `bench-${workspaceId}`,
    ]);
    await db.query("INSERT INTO workspaces (id, name, owner_user_id) VALUES ($1, 'bench', $1)", [workspaceId]);
    await joinWorkspace(db, workspaceId, uuidv7);
    const { rows } = await db.query("UPDATE agents SET max_concurrent_tasks = $1 WHERE role = 'executor' RETURNING id", [SLOTS]);
    return { workspaceId, executorId: z.tuple([z.object({ id: z.uuid() })]).parse(rows)[0].id };
  });
}

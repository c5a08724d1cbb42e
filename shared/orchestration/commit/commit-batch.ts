import type { Queryable } from "../../platform/db/database.ts";
import { isJsonObject } from "../../platform/json.ts";
import type { ConductorDeps } from "../deps.ts";
import type { Batch, LockedRows, Start, StartVerdict, Step, StepVerdict } from "../domain/batch.ts";
import type { Board, Shortage } from "../domain/board.ts";
import type { ApprovalRule } from "../domain/inbox/item-row.ts";
import { asksFirst } from "../domain/inbox/need-approval.ts";
import { judgeBatch } from "../domain/judge-batch.ts";
import { measureSpend } from "../domain/money.ts";
import { isFull, isWorkspaceFull, listFreed, listFreedWorkspaces, listFull, listFullWorkspaces } from "../domain/room.ts";
import { recordSpend } from "../prices/record-spend.ts";
import { applyBoard } from "../sql/apply-board.ts";
import type { ClaimedRow } from "../sql/claim-effects.ts";
import { lockBatch } from "../sql/lock-batch.ts";
import { deliver } from "./deliver.ts";

type Owner = { run_id: string; task_id: string; agent_id: string };
export type DraftedStep = Owner & { step: Step };
export type DraftedStart = { start: Start; run_id: string };

/** A step of the attempt that this is the journal of. */
export function stepOf({ run_id, task_id, agent_id }: Owner, step: Step): DraftedStep {
  return { step, run_id, task_id, agent_id };
}

/**
 * Both read what they decide by and hold no lock: what others change meanwhile is found by the judge. Steps come before starts. Batches of one
 * process are drafted in turn, each with what the ones before it are about to begin.
 */
export type Draft = {
  steps?: (db: Queryable) => Promise<DraftedStep[]>;
  starts?: (db: Queryable) => Promise<DraftedStart[]>;
};

type BatchRequest = { steps: DraftedStep[]; starts: DraftedStart[] };

export type BatchAnswer = {
  steps: StepVerdict[];
  starts: StartVerdict[];
  /** Tasks that became ready by this batch and were not begun by it, although there is room for them or their agent takes none now. */
  ready: string[];
  /** Agents that were full before and have room now: somebody may wait for them. */
  freed: string[];
  /** Workspaces in which no further task could begin, and now may: somebody may wait for that on any of their agents. */
  freedWorkspaces: string[];
  /** Runs of which something is known now that a person was asked about: they may have slept until the answer. */
  awoken: string[];
};

const RETRYABLE = new Set(["40P01", "40001"]);
const MAX_TRIES = 5;

/**
 * Commits a batch in one short transaction: draft, lock, judge, apply. Then, and only then, hands over what it created. A deadlock or a
 * serialisation failure redoes the whole transaction; nothing was handed over by then.
 */
export async function commitBatch(deps: ConductorDeps, draft: Draft): Promise<BatchAnswer> {
  const judged = await withRetries(async () => {
    const turn = await deps.starting?.takeTurn();
    try {
      return await deps.db.transact({ role: "engine" }, async (db) => {
        const steps = (await draft.steps?.(db)) ?? [];
        const starts = (await draft.starts?.(db)) ?? [];
        turn?.drafted({ starts: starts.map((item) => item.start), leaving: listLeaving(steps) });
        return steps.length + starts.length === 0 ? undefined : judgeAndApply(deps, db, { steps, starts });
      });
    } finally {
      turn?.end();
    }
  });
  if (judged === undefined) return { steps: [], starts: [], ready: [], freed: [], freedWorkspaces: [], awoken: [] };
  recordSpend(judged.spent);
  deps.ownHand?.take(listOwn(judged.board));
  await deliver(deps, judged.board);
  await pauseRuns(deps, judged.outOfBudget);
  return judged.answer;
}

/** For each attempt that ends its agent. */
function listLeaving(steps: readonly DraftedStep[]): string[] {
  return steps.flatMap(({ step, agent_id }) => (step.move.kind === "effects" ? [] : [agent_id]));
}

/** Runs whose budgets refused an effect must pause and ask. How is loaded when it first happens: most processes never need it. */
async function pauseRuns(deps: ConductorDeps, refused: readonly RefusedRun[]): Promise<void> {
  if (refused.length === 0) return;
  const { pauseForBudget } = await import("./pause-for-budget.ts");
  for (const { runId, shortage } of refused) await pauseForBudget(deps, runId, shortage);
}

async function judgeAndApply(
  deps: ConductorDeps,
  db: Queryable,
  request: BatchRequest,
): Promise<{ board: Board; spent: bigint; outOfBudget: RefusedRun[]; answer: BatchAnswer }> {
  const batch: Batch = {
    steps: request.steps.map((item) => item.step),
    starts: request.starts.map((item) => item.start),
    now: deps.now(),
    newId: deps.newId,
  };
  const locked = await lockBatch(db, {
    runIds: unique([...request.steps, ...request.starts].map((item) => item.run_id)),
    attemptIds: unique(batch.steps.map((step) => step.attempt_id)),
    effectIds: unique(batch.steps.flatMap((step) => [...step.reports.map((report) => report.effect_id), ...(step.abandons ?? [])])),
    startIds: unique(batch.starts.map((start) => start.task_id)),
    // A failure may be a task that is skipped: then those that wait for it go on.
    completingIds: unique(request.steps.filter((item) => item.step.move.kind !== "effects").map((item) => item.task_id)),
    failingIds: unique(request.steps.filter((item) => item.step.move.kind === "failed").map((item) => item.task_id)),
    now: batch.now,
  });
  const full = listFull(locked.agents, batch.now.toISOString());
  const fullWorkspaces = listFullWorkspaces(locked.budgets);
  const { board, steps, starts } = judgeBatch(
    locked,
    { ...batch, approvals: await readApprovals(db, locked, batch) },
    batch.steps.some((step) => step.move.kind === "failed") ? (await import("../domain/fail-task.ts")).failTask : undefined,
    batch.steps.some((step) => step.proposals !== undefined) ? await import("../domain/subtasks/divide-task.ts") : undefined,
  );
  await applyBoard(db, board);
  return {
    board,
    spent: measureSpend(locked.budgets, board),
    outOfBudget: listRefused(request, board, steps, starts),
    answer: {
      steps,
      starts,
      ready: unique([...listReady(board), ...board.ready, ...listUnplaced(request, starts)]),
      freed: listFreed(full, board),
      freedWorkspaces: listFreedWorkspaces(fullWorkspaces, board),
      awoken: unique([...board.unasked].flatMap((id) => board.effects.get(id)?.run_id ?? [])),
    },
  };
}

/** What needs a person's word, read only where something may: most batches call no tool and begin no task that does. */
async function readApprovals(db: Queryable, locked: LockedRows, batch: Batch): Promise<ReadonlyMap<string, ApprovalRule>> {
  const created = [
    ...batch.steps.flatMap(({ move }) => (move.kind === "effects" ? move.effects : [])),
    ...batch.starts.flatMap((start) => start.effects),
  ];
  const mayNeed = created.some((effect) => effect.kind === "tool") || locked.tasks.some(asksFirst);
  if (!mayNeed) return new Map();
  const { readApprovalRules } = await import("../approvals/sql/read-approval-rules.ts");
  return readApprovalRules(db, unique(locked.runs.map((run) => run.workspace_id)));
}

/** The effects that were created under the lease of this process, as a claim would have answered them. */
function listOwn(board: Board): ClaimedRow[] {
  const requests = new Map(board.inserts.payloads.map((payload) => [payload.id, payload.body]));
  return board.inserts.effects.flatMap(({ id, lease_token, request_payload_id, ...effect }) => {
    const run = board.runs.get(effect.run_id);
    const request = requests.get(request_payload_id);
    if (lease_token === null || run === undefined || !isJsonObject(request)) return [];
    return [{ ...effect, effect_id: id, try: 1, lease_token, user_id: run.user_id, request }];
  });
}

type RefusedRun = { runId: string; shortage: Shortage | undefined };

function listRefused(request: BatchRequest, board: Board, steps: readonly StepVerdict[], starts: readonly StartVerdict[]): RefusedRun[] {
  const refused = [
    ...request.steps.filter((_, index) => steps[index] === "budget"),
    ...request.starts.filter((_, index) => starts[index] === "budget"),
  ];
  return unique(refused.map((item) => item.run_id)).map((runId) => ({ runId, shortage: board.shortages.get(runId) }));
}

function listReady(board: Board): string[] {
  return [...board.touched.tasks].filter((id) => {
    const task = board.tasks.get(id);
    if (task?.status !== "pending" || task.pending_dependencies > 0 || isFull(board, task.agent_id)) return false;
    const run = board.runs.get(task.run_id);
    return run !== undefined && !isWorkspaceFull(board, run.workspace_id);
  });
}

/** Their agents were retired, or cool down: somebody else may begin them. */
function listUnplaced(request: BatchRequest, starts: readonly StartVerdict[]): string[] {
  return request.starts.flatMap(({ start }, index) => (starts[index] === "unavailable" ? [start.task_id] : []));
}

async function withRetries<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (!RETRYABLE.has(code) || attempt >= MAX_TRIES) throw error;
    }
  }
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

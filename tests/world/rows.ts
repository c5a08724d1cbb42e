import type { EffectOutcome } from "../../shared/effects/contract.ts";
import type {
  AgentRow,
  AttemptRow,
  Batch,
  BudgetRow,
  EffectRow,
  HoldRow,
  LockedRows,
  Move,
  NewEffect,
  NewPayload,
  Report,
  RunRow,
  Start,
  Step,
  TaskRow,
} from "../../shared/orchestration/domain/batch.ts";
import { type Board, type BoardRun, openBoard } from "../../shared/orchestration/domain/board.ts";
import type { Fact } from "../../shared/orchestration/domain/events.ts";
import { failTask } from "../../shared/orchestration/domain/fail-task.ts";
import type { InboxItemRow } from "../../shared/orchestration/domain/inbox/item-row.ts";
import { type Judgement, judgeBatch } from "../../shared/orchestration/domain/judge-batch.ts";
import { hashJson } from "../../shared/platform/hash.ts";
import type { JsonValue } from "../../shared/platform/json.ts";

/** The tables that a judge sees, in memory: what `lock_batch` would read and the apply statement would write. */
export type Rows = {
  readonly runs: Map<string, RunRow>;
  readonly tasks: Map<string, TaskRow>;
  readonly attempts: Map<string, AttemptRow>;
  readonly effects: Map<string, EffectRow>;
  readonly holds: Map<string, HoldRow>;
  readonly budgets: Map<string, BudgetRow>;
  readonly agents: Map<string, AgentRow>;
  readonly items: Map<string, InboxItemRow>;
  readonly edges: { task_id: string; depends_on: string }[];
  /** What was written and is never read by a judge. */
  readonly facts: Fact[];
  readonly usage: Board["inserts"]["usage"];
  readonly episodes: Board["inserts"]["episodes"];
  readonly newId: () => string;
  /** Milliseconds. */
  now: number;
};

export type RowsOptions = {
  /** `{ a: [], b: ["a"] }` is a chain of two executor tasks. */
  dependencies?: Readonly<Record<string, readonly string[]>>;
  capacity?: number;
  /** Of the run's budget and of its workspace's, in nano-dollars. */
  limit?: bigint | null;
  workspaceLimit?: bigint | null;
  run?: Partial<RunRow>;
};

/** One run in its execute phase, with its tasks, one agent and two budgets. Ids are told apart by what they stand for. */
export function createRows(options: RowsOptions = {}): Rows {
  const dependencies = options.dependencies ?? { a: [] };
  const newId = countIds();
  const [runId, workspaceId, rootId, agentId] = [newId(), newId(), newId(), newId()];
  const names = Object.keys(dependencies);
  const ids = new Map(names.map((name) => [name, newId()]));
  const rows: Rows = {
    runs: byId([{ ...BLANK_RUN, id: runId, workspace_id: workspaceId, user_id: newId(), root_task_id: rootId, ...options.run }]),
    tasks: byId([{ ...BLANK_TASK, id: rootId, run_id: runId, kind: "goal", name: "goal", status: "in_progress" }]),
    attempts: new Map(),
    effects: new Map(),
    holds: new Map(),
    items: new Map(),
    budgets: byId([budgetOf(newId(), workspaceId, runId, options.limit), budgetOf(newId(), workspaceId, null, options.workspaceLimit)]),
    agents: byId([{ ...BLANK_AGENT, id: agentId, max_concurrent_tasks: options.capacity ?? 10 }]),
    edges: names.flatMap((name) =>
      (dependencies[name] ?? []).map((parent) => ({ task_id: ids.get(name) ?? "", depends_on: ids.get(parent) ?? "" })),
    ),
    facts: [],
    usage: [],
    episodes: [],
    newId,
    now: Date.UTC(2026, 0, 1),
  };
  for (const [index, name] of names.entries()) {
    const id = ids.get(name) ?? "";
    const pending_dependencies = dependencies[name]?.length ?? 0;
    rows.tasks.set(id, { ...BLANK_TASK, id, run_id: runId, name, ordinal: index + 1, pending_dependencies, agent_id: agentId });
  }
  const run = theRun(rows);
  rows.runs.set(run.id, { ...run, open_tasks: options.run?.open_tasks ?? names.length });
  return rows;
}

const BLANK_RUN: Omit<RunRow, "id" | "workspace_id" | "user_id" | "root_task_id"> = {
  goal: "a goal",
  status: "running",
  phase: "execute",
  epoch: 1,
  plan_version: 1,
  open_tasks: 0,
  event_seq: 0,
  phase_token: "token",
  execution_number: 1,
  watchdog_seq: 1,
  phase_due: null,
  error: null,
  replans_left: 0,
  replans: [],
  pause_reason: null,
  is_finishing: false,
  contract: null,
};
const BLANK_AGENT: Omit<AgentRow, "id" | "max_concurrent_tasks"> = {
  name: "executor",
  status: "idle",
  current_task_count: 0,
  consecutive_failures: 0,
  cool_down_until: null,
  last_failure: null,
};
const BLANK_TASK: Omit<TaskRow, "id" | "run_id" | "name"> = {
  kind: "executor",
  ordinal: 0,
  status: "pending",
  pending_dependencies: 0,
  attempts: 0,
  is_paused: false,
  agent_id: null,
  started_at: null,
  requires_approval: false,
  policy: {},
  not_before: null,
  on_fallback: false,
  revision: 0,
};

function budgetOf(id: string, workspace_id: string, run_id: string | null, limit: bigint | null | undefined): BudgetRow {
  const scope = run_id === null ? "workspace" : "run";
  const nobody = { user_id: null, task_id: null, day: null };
  return {
    id,
    workspace_id,
    scope,
    run_id,
    ...nobody,
    limit_nano: limit ?? null,
    spent_nano: 0n,
    held_nano: 0n,
    running_tasks: 0,
    max_running_tasks: 1_000,
  };
}

function countIds(): () => string {
  let count = 0;
  return () => `00000000-0000-7000-8000-${String((count += 1)).padStart(12, "0")}`;
}

function byId<Row extends { id: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}

/** All rows, as a batch that concerns everything would have locked them. */
export function lockAll(rows: Rows): LockedRows {
  return structuredClone({
    runs: [...rows.runs.values()],
    tasks: [...rows.tasks.values()],
    attempts: [...rows.attempts.values()],
    effects: [...rows.effects.values()],
    holds: [...rows.holds.values()],
    budgets: [...rows.budgets.values()],
    agents: [...rows.agents.values()],
    items: [...rows.items.values()].filter((item) => item.state === "open"),
    edges: rows.edges,
    descendants: [...rows.tasks.keys()].flatMap((ancestor) => [...descendantsOf(rows, ancestor)].map((task_id) => ({ ancestor, task_id }))),
  });
}

/** Everything that depends on a task, at any distance. */
export function descendantsOf(rows: Pick<Rows, "edges">, ancestor: string): Set<string> {
  const found = new Set([ancestor]);
  // A set visits what is added while it is walked.
  for (const id of found) for (const edge of rows.edges) if (edge.depends_on === id) found.add(edge.task_id);
  found.delete(ancestor);
  return found;
}

/** Writes what a board changed, as the apply statement does. */
export function applyToRows(rows: Rows, board: Board): void {
  const { touched, inserts } = board;
  copyTouched(rows.runs, board.runs.values(), touched.runs);
  copyTouched(rows.tasks, board.tasks.values(), touched.tasks);
  copyTouched(rows.attempts, board.attempts.values(), touched.attempts);
  copyTouched(rows.effects, board.effects.values(), touched.effects);
  copyTouched(rows.holds, board.holds, touched.holds);
  copyTouched(rows.budgets, board.budgets.values(), touched.budgets);
  copyTouched(rows.agents, board.agents.values(), touched.agents);
  copyTouched(rows.items, board.items.values(), touched.items);
  for (const item of inserts.items) rows.items.set(item.id, item);
  for (const task of inserts.tasks) {
    rows.tasks.set(task.id, { ...BLANK_TASK, ...task, pending_dependencies: task.depends_on.length });
    rows.edges.push(...(task.finished_parents ?? []).map((parent) => ({ task_id: task.id, depends_on: parent.id })));
    rows.edges.push(...task.depends_on.map((depends_on) => ({ task_id: task.id, depends_on })));
  }
  for (const attempt of inserts.attempts) rows.attempts.set(attempt.id, { ...attempt, status: "running", version: 1, remaining_ms: null });
  for (const effect of inserts.effects) {
    const unsent = { lease_token: null, lease_until: null, claimed_at: null, created_at: new Date(rows.now).toISOString(), sent_at: null };
    rows.effects.set(effect.id, { ...effect, ...unsent, state: effect.state === "parked" ? "parked" : "due", try: 1, sends: 1 });
  }
  for (const hold of inserts.holds) rows.holds.set(hold.id, { ...hold, settled_nano: null, state: "held" });
  rows.usage.push(...inserts.usage);
  rows.episodes.push(...inserts.episodes);
  for (const [runId, facts] of board.facts) {
    rows.facts.push(...facts);
    const run = rows.runs.get(runId);
    if (run !== undefined) rows.runs.set(runId, { ...run, event_seq: run.event_seq + facts.length });
  }
}

function copyTouched<Row extends { id: string }>(rows: Map<string, Row>, changed: Iterable<Row>, ids: ReadonlySet<string>): void {
  for (const row of changed) if (ids.has(row.id)) rows.set(row.id, row);
}

/** Judges a batch and writes what it changed. */
export function commit(rows: Rows, batch: Partial<Pick<Batch, "steps" | "starts">>): Judgement {
  const judgement = judgeBatch(lockAll(rows), { steps: [], starts: [], ...batch, now: new Date(rows.now), newId: rows.newId }, failTask);
  applyToRows(rows, judgement.board);
  return judgement;
}

/** Changes the run as a whole and writes it. */
export function changeRows<Answer>(rows: Rows, change: (board: Board, run: BoardRun) => Answer): { answer: Answer; board: Board } {
  const board = openBoard(lockAll(rows), { now: new Date(rows.now), newId: rows.newId });
  const run = board.runs.get(theRun(rows).id);
  if (run === undefined) throw new Error("there is no run");
  const answer = change(board, run);
  applyToRows(rows, board);
  return { answer, board };
}

export function theRun(rows: Rows): RunRow {
  const [run] = rows.runs.values();
  if (run === undefined) throw new Error("there is no run");
  return run;
}

export function theAgent(rows: Rows): AgentRow {
  const [agent] = rows.agents.values();
  if (agent === undefined) throw new Error("there is no agent");
  return agent;
}

export function taskNamed(rows: Rows, name: string): TaskRow {
  const task = [...rows.tasks.values()].find((row) => row.name === name);
  if (task === undefined) throw new Error(`there is no task ${name}`);
  return task;
}

/** The newest attempt of a task. */
export function attemptOf(rows: Rows, name: string): AttemptRow {
  const task = taskNamed(rows, name);
  const attempt = [...rows.attempts.values()].findLast((row) => row.task_id === task.id);
  if (attempt === undefined) throw new Error(`${name} has no attempt`);
  return attempt;
}

/** The newest effect of a task's newest attempt. */
export function effectOf(rows: Rows, name: string): EffectRow {
  const attempt = attemptOf(rows, name);
  const effect = [...rows.effects.values()].findLast((row) => row.attempt_id === attempt.id);
  if (effect === undefined) throw new Error(`${name} has no effect`);
  return effect;
}

export function payload(rows: Pick<Rows, "newId">, body: JsonValue): NewPayload {
  return { id: rows.newId(), sha256: hashJson(body), body };
}

export function newEffect(rows: Rows, seq: number, options: { cost?: bigint; safety?: NewEffect["safety"] } = {}): NewEffect {
  const { cost = 0n, safety = "repeatable" } = options;
  return { id: rows.newId(), seq, kind: "llm", safety, request: payload(rows, { seq }), worst_cost_nano: cost };
}

export function startOf(rows: Rows, name: string, effects: NewEffect[] = [newEffect(rows, 0)]): Start {
  const task = taskNamed(rows, name);
  return {
    task_id: task.id,
    attempt_id: rows.newId(),
    number: task.attempts + 1,
    revision: task.revision,
    agent_id: theAgent(rows).id,
    briefing: payload(rows, {}),
    effects,
    relies_on: [],
  };
}

/** A hand takes the lease of an effect that is due. */
export function claim(rows: Rows, effectId: string, leaseSeconds = 90): string {
  const effect = rows.effects.get(effectId);
  if (effect?.state !== "due") throw new Error("only what is due can be claimed");
  const lease_token = rows.newId();
  const lease_until = new Date(rows.now + leaseSeconds * 1_000).toISOString();
  rows.effects.set(effectId, { ...effect, state: "running", lease_token, lease_until, claimed_at: new Date(rows.now).toISOString() });
  return lease_token;
}

/** `cost` in nano-dollars; null for a price that nobody knows; undefined for an effect that is not a model's. */
export function reportOf(
  rows: Rows,
  effect_id: string,
  lease_token: string,
  options: { outcome?: EffectOutcome; cost?: bigint | null } = {},
): Report {
  const { outcome = { status: "done", result: "answer" }, cost } = options;
  const charge = {
    provider: "scripted",
    model: "model",
    input_tokens: 1,
    output_tokens: 1,
    cached_tokens: 0,
    price_status: cost === null ? ("unpriced" as const) : ("priced" as const),
    price_source: null,
  };
  return {
    effect_id,
    lease_token,
    outcome,
    result: outcome.status === "done" ? payload(rows, outcome.result) : null,
    charge: cost === undefined ? null : { ...charge, cost_nano: cost },
    tool: null,
  };
}

/** A step decided from what the rows hold now. */
export function stepOf(rows: Rows, name: string, reports: Report[], move: Move): Step {
  const attempt = attemptOf(rows, name);
  return { attempt_id: attempt.id, version: attempt.version, epoch: theRun(rows).epoch, reports, move };
}

export function doneMove(rows: Rows, result: JsonValue = "done"): Move {
  return { kind: "done", result: payload(rows, result), plan: null };
}

export function failedMove(code: string, retryable = false): Move {
  return { kind: "failed", error: { code, detail: `it was ${code}`, retryable } };
}

/** Begins a task, has its one effect answered, and ends it by `move`. */
export function carryThrough(rows: Rows, name: string, move: Move = doneMove(rows)): Judgement {
  commit(rows, { starts: [startOf(rows, name)] });
  const effect = effectOf(rows, name);
  const report = reportOf(rows, effect.id, claim(rows, effect.id));
  return commit(rows, { steps: [stepOf(rows, name, [report], move)] });
}

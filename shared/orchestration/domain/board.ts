import type { EffectError } from "../../effects/contracts/effect.ts";
import type { JsonObject } from "../../platform/json.ts";
import type {
  AgentRow,
  AttemptRow,
  Batch,
  BudgetRow,
  Charge,
  EffectRow,
  HoldRow,
  LockedRows,
  NewEffect,
  NewPayload,
  NewTask,
  Proposal,
  RunRow,
  Step,
  TaskRow,
} from "./batch.ts";
import type { Fact } from "./events.ts";
import type { ApprovalRule, BoardItem, InboxItemRow } from "./inbox/item-row.ts";

/** Columns that a batch may set besides the ones it judges by. Null leaves what is there. */
type Outcome = { result_payload_id: string | null; result_sha256: string | null; error: EffectError | null };

export type BoardRun = RunRow & { result_payload_id: string | null; started_at: string | null; finished_at: string | null };
export type BoardAttempt = AttemptRow & { error: EffectError | null; finished_at: string | null };
export type BoardEffect = EffectRow & Outcome & { answered_at: string | null };
export type BoardTask = TaskRow & Outcome & { completed_at: string | null };

export type NewHold = {
  id: string;
  workspace_id: string;
  budget_id: string;
  run_id: string;
  effect_id: string;
  try: number;
  amount_nano: bigint;
};

/** Rows that a batch adds; each names its workspace and run so that one statement may serve many tenants. */
export type Inserts = {
  payloads: (NewPayload & { workspace_id: string; run_id: string })[];
  tasks: (NewTask & { workspace_id: string; run_id: string; user_id: string; parent_task_id: string })[];
  attempts: {
    id: string;
    workspace_id: string;
    run_id: string;
    task_id: string;
    agent_id: string;
    number: number;
    briefing_payload_id: string;
    deadline_at: string | null;
  }[];
  effects: (Omit<NewEffect, "request" | "lease"> & {
    workspace_id: string;
    run_id: string;
    task_id: string;
    attempt_id: string;
    request_payload_id: string;
    request_sha256: string;
    state: "due" | "running" | "parked";
    lease_token: string | null;
    lease_until: string | null;
    claimed_at: string | null;
  })[];
  proposals: (Omit<Proposal, "request" | "answer"> & {
    workspace_id: string;
    run_id: string;
    task_id: string;
    attempt_id: string;
    state: "done" | "failed";
    request_payload_id: string;
    request_sha256: string;
    result_payload_id: string | null;
    result_sha256: string | null;
    error: EffectError | null;
  })[];
  holds: NewHold[];
  usage: (Charge & {
    id: string;
    workspace_id: string;
    run_id: string;
    user_id: string;
    task_id: string;
    agent_id: string;
    effect_id: string;
    try: number;
  })[];
  tool_executions: {
    id: string;
    workspace_id: string;
    task_id: string;
    effect_id: string;
    tool: string;
    parameters: JsonObject;
    output: JsonObject | null;
    error: string | null;
    started_at: string | null;
  }[];
  logs: { id: string; workspace_id: string; task_id: string; level: "info" | "warning" | "error"; message: string; metadata: JsonObject }[];
  check_outcomes: {
    attempt_id: string;
    position: number;
    workspace_id: string;
    run_id: string;
    task_id: string;
    kind: string;
    advisory: boolean;
    passed: boolean;
    reason: string | null;
  }[];
  review_verdicts: { attempt_id: string; workspace_id: string; run_id: string; agent_id: string; approved: boolean; score: number }[];
  episodes: { id: string; workspace_id: string; user_id: string; run_id: string; content: string; metadata: JsonObject }[];
  items: InboxItemRow[];
};

/**
 * The working copy of what was locked. Judging changes rows here and nowhere else; what was touched is written with absolute values,
 * because every value comes from a locked row. Facts gather per run and are numbered when they are written.
 */
export type Board = {
  readonly now: string;
  readonly newId: () => string;
  readonly runs: Map<string, BoardRun>;
  readonly attempts: Map<string, BoardAttempt>;
  readonly effects: Map<string, BoardEffect>;
  readonly tasks: Map<string, BoardTask>;
  readonly agents: Map<string, AgentRow>;
  readonly budgets: Map<string, BudgetRow>;
  readonly holds: HoldRow[];
  readonly items: Map<string, BoardItem>;
  readonly approvals: ReadonlyMap<string, ApprovalRule>;
  /** Given with a batch in which an attempt fails. */
  readonly failTask: FailTask | undefined;
  /** Given with a batch in which somebody proposes subtasks. */
  readonly division: Division | undefined;
  readonly children: Map<string, string[]>;
  readonly descendants: Map<string, string[]>;
  readonly touched: {
    runs: Set<string>;
    attempts: Set<string>;
    effects: Set<string>;
    tasks: Set<string>;
    agents: Set<string>;
    budgets: Set<string>;
    holds: Set<string>;
    items: Set<string>;
  };
  readonly inserts: Inserts;
  /** Effects that were sent before and are due once more. */
  readonly resends: Set<string>;
  readonly facts: Map<string, Fact[]>;
  /** New tasks that nothing holds up, and that nobody begins who is not told. */
  readonly ready: string[];
  /** By run: the budget that last refused an effect. */
  readonly shortages: Map<string, Shortage>;
  /** Effects of which nobody needs to be asked any more: an unknown outcome has become known, or nobody waits for it. */
  readonly unasked: Set<string>;
};

type Place = { run: BoardRun; task: BoardTask; attempt: BoardAttempt };

/**
 * `other_agent_id`: who could try in its agent's place, if the task's policy wants that; null when there is nobody. `spared_attempts`: attempts
 * before this one that were no try of the task.
 */
export type Failure = { error: EffectError; other_agent_id: string | null; is_unsafe: boolean; spared_attempts: number };
/** What the failure of an attempt means for its task. */
export type FailTask = (board: Board, place: Place, failure: Failure) => void;

/** What proposals of subtasks mean. `isOvertaken`: what an accepted one was judged by has changed; `store`: what is written of a step's. */
export type Division = {
  isOvertaken: (board: Board, run: BoardRun, task: BoardTask, step: Step) => boolean;
  store: (board: Board, place: Place, step: Step) => void;
};

/** A budget that could not cover what was asked of it, in nano-dollars. */
export type Shortage = { budget: BudgetRow; needed: bigint };

export function openBoard(
  locked: LockedRows,
  batch: Pick<Batch, "now" | "newId" | "approvals">,
  failTask?: FailTask,
  division?: Division,
): Board {
  const blank = { result_payload_id: null, result_sha256: null, error: null };
  return {
    now: batch.now.toISOString(),
    newId: batch.newId,
    runs: byId(locked.runs.map((run) => ({ ...run, result_payload_id: null, started_at: null, finished_at: null }))),
    attempts: byId(locked.attempts.map((attempt) => ({ ...attempt, error: null, finished_at: null }))),
    effects: byId(locked.effects.map((effect) => ({ ...effect, ...blank, answered_at: null }))),
    tasks: byId(locked.tasks.map((task) => ({ ...task, ...blank, completed_at: null }))),
    agents: byId(locked.agents.map((agent) => ({ ...agent }))),
    budgets: byId(locked.budgets.map((budget) => ({ ...budget }))),
    holds: locked.holds.map((hold) => ({ ...hold })),
    items: byId((locked.items ?? []).map((item) => ({ ...item, decision: null, decided_by: null, decided_at: null }))),
    approvals: batch.approvals ?? new Map(),
    failTask,
    division,
    children: groupBy(locked.edges, (edge) => [edge.depends_on, edge.task_id]),
    descendants: groupBy(locked.descendants, (row) => [row.ancestor, row.task_id]),
    touched: {
      runs: new Set(),
      attempts: new Set(),
      effects: new Set(),
      tasks: new Set(),
      agents: new Set(),
      budgets: new Set(),
      holds: new Set(),
      items: new Set(),
    },
    resends: new Set(),
    inserts: {
      payloads: [],
      tasks: [],
      attempts: [],
      effects: [],
      proposals: [],
      holds: [],
      usage: [],
      tool_executions: [],
      logs: [],
      check_outcomes: [],
      review_verdicts: [],
      episodes: [],
      items: [],
    },
    facts: new Map(),
    ready: [],
    shortages: new Map(),
    unasked: new Set(),
  };
}

/** Marks a row as changed and gives it back, so that a change reads `change(board, "tasks", task).status = …`. */
export function change<Row extends { id: string }>(board: Board, table: keyof Board["touched"], row: Row): Row {
  board.touched[table].add(row.id);
  return row;
}

/** Appends a fact to the log of its run; its number is given by its place. */
export function record(board: Board, runId: string, fact: Fact): void {
  const facts = board.facts.get(runId);
  if (facts === undefined) board.facts.set(runId, [fact]);
  else facts.push(fact);
}

/** The three words by which every fact names its task. */
export function nameTask(task: Pick<TaskRow, "id" | "ordinal" | "name">): { task_id: string; ordinal: number; name: string } {
  return { task_id: task.id, ordinal: task.ordinal, name: task.name };
}

function byId<Row extends { id: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}

function groupBy<Row>(rows: readonly Row[], pair: (row: Row) => [key: string, value: string]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    const [key, value] = pair(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

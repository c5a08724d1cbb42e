import type { Board } from "../domain/board.ts";
import { touched } from "../domain/list-touched.ts";

/** One table's share of the apply statement. `$1` is the time of the batch, `$rows` its rows as a JSON array. */
export type Section = { name: string; rows: (board: Board) => Readonly<Record<string, unknown>>[]; sql: string };

type Change = {
  /** Columns that a row never loses once it has them. */
  kept?: readonly string[];
  /** What is set beside the columns of the rows. */
  also?: string;
};

/** Sets every column of `columns` ("id uuid, status text") to what the rows say. */
function update(table: string, columns: string, { kept = [], also }: Change = {}): string {
  const settings = listNames(columns)
    .filter((name) => name !== "id")
    .map((name) => (kept.includes(name) ? `${name} = COALESCE(c.${name}, ${table}.${name})` : `${name} = c.${name}`));
  if (also !== undefined) settings.push(also);
  return `UPDATE ${table} SET ${settings.join(", ")} FROM jsonb_to_recordset($rows::jsonb) AS c (${columns}) WHERE ${table}.id = c.id`;
}

/** Inserts the rows; `dated` are the columns that hold the time of the batch. */
function insert(table: string, columns: string, ...dated: readonly string[]): string {
  const names = listNames(columns).join(", ");
  return `INSERT INTO ${table} (${[names, ...dated].join(", ")}) SELECT ${[names, ...dated.map(() => "$1::timestamptz")].join(", ")}
    FROM jsonb_to_recordset($rows::jsonb) AS c (${columns})`;
}

function listNames(columns: string): string[] {
  return columns.split(",").map((column) => column.trim().split(/\s/, 1)[0] ?? "");
}

const updates: Section[] = [
  {
    name: "changed_runs",
    rows: (board) =>
      [...board.runs.values()]
        .filter((run) => board.touched.runs.has(run.id) || board.facts.has(run.id))
        .map((run) => ({ ...run, event_seq: run.event_seq + (board.facts.get(run.id)?.length ?? 0) })),
    sql: update(
      "runs",
      `id uuid, status text, phase text, epoch int, phase_token text, execution_number int, watchdog_seq int, started_at
        timestamptz, plan_version int, open_tasks int, event_seq bigint, phase_due jsonb, error jsonb, pause_reason text,
        is_finishing boolean, contract jsonb, replans_left int, replans jsonb, result_payload_id uuid, finished_at timestamptz`,
      { kept: ["started_at", "result_payload_id", "finished_at"], also: "updated_at = $1::timestamptz" },
    ),
  },
  {
    name: "changed_attempts",
    rows: (board) => touched(board.attempts.values(), board.touched.attempts),
    sql: update(
      "task_attempts",
      "id uuid, status text, version int, error jsonb, finished_at timestamptz, deadline_at timestamptz, remaining_ms bigint",
    ),
  },
  {
    name: "changed_effects",
    rows: (board) => touched(board.effects.values(), board.touched.effects),
    sql: update(
      "effects",
      `id uuid, state text, try int, lease_token uuid, result_payload_id uuid, result_sha256 text, error jsonb, answered_at
        timestamptz, sends int, sent_at timestamptz`,
      { also: "lease_until = NULL" },
    ),
  },
  {
    name: "changed_tasks",
    rows: (board) => touched(board.tasks.values(), board.touched.tasks),
    sql: update(
      "tasks",
      `id uuid, status task_status, pending_dependencies int, attempts int, result_payload_id uuid, result_sha256 text, error
        jsonb, is_paused boolean, started_at timestamptz, completed_at timestamptz, agent_id uuid, not_before timestamptz,
        on_fallback boolean`,
      {
        kept: ["result_payload_id", "result_sha256"],
        also: "updated_at = $1::timestamptz, actual_duration_seconds = EXTRACT(EPOCH FROM c.completed_at - c.started_at)::int",
      },
    ),
  },
  {
    name: "changed_budgets",
    rows: (board) => touched(board.budgets.values(), board.touched.budgets),
    sql: update("budgets", "id uuid, limit_nano bigint, spent_nano bigint, held_nano bigint, running_tasks int", {
      also: "updated_at = $1::timestamptz",
    }),
  },
  {
    name: "changed_holds",
    rows: (board) => touched(board.holds, board.touched.holds),
    sql: update("budget_holds", "id uuid, state text, settled_nano bigint", { also: "settled_at = $1::timestamptz" }),
  },
  {
    name: "changed_agents",
    rows: (board) => touched(board.agents.values(), board.touched.agents),
    sql: update("agents", "id uuid, current_task_count int, consecutive_failures int, cool_down_until timestamptz, last_failure jsonb", {
      also: "last_active_at = $1::timestamptz",
    }),
  },
];

const inserts: Section[] = [
  {
    name: "new_payloads",
    rows: (board) => board.inserts.payloads,
    sql: insert("payloads", "id uuid, workspace_id uuid, run_id uuid, sha256 text, body jsonb", "created_at"),
  },
  {
    name: "new_attempts",
    rows: (board) => board.inserts.attempts,
    sql: insert(
      "task_attempts",
      `id uuid, workspace_id uuid, run_id uuid, task_id uuid, agent_id uuid, number int, briefing_payload_id uuid,
        deadline_at timestamptz`,
      "started_at",
    ),
  },
  {
    name: "new_effects",
    rows: (board) => board.inserts.effects,
    sql: insert(
      "effects",
      `id uuid, workspace_id uuid, run_id uuid, task_id uuid, attempt_id uuid, seq int, kind text, safety text, state text,
        lease_token uuid, lease_until timestamptz, claimed_at timestamptz, request_payload_id uuid, request_sha256 text,
        worst_cost_nano bigint`,
      "created_at",
    ),
  },
  {
    name: "new_holds",
    rows: (board) => board.inserts.holds,
    sql: insert(
      "budget_holds",
      "id uuid, workspace_id uuid, budget_id uuid, run_id uuid, effect_id uuid, try int, amount_nano bigint",
      "created_at",
    ),
  },
  {
    name: "new_usage",
    rows: (board) => board.inserts.usage,
    sql: `INSERT INTO llm_usage (id, workspace_id, user_id, agent_id, task_id, run_id, effect_id, try, provider, model, prompt_tokens,
        completion_tokens, cached_tokens, total_tokens, cost_nano, price_status, price_source, created_at)
      SELECT id, workspace_id, user_id, agent_id, task_id, run_id, effect_id, try, provider, model, input_tokens,
        output_tokens, cached_tokens, input_tokens + output_tokens, cost_nano, price_status, price_source, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, user_id uuid, agent_id uuid, task_id uuid, run_id uuid,
        effect_id uuid, try int, provider text, model text, input_tokens int, output_tokens int, cached_tokens int, cost_nano bigint,
        price_status text, price_source text)`,
  },
  {
    name: "new_logs",
    rows: (board) => board.inserts.logs,
    sql: insert("task_execution_logs", "id uuid, workspace_id uuid, task_id uuid, level text, message text, metadata jsonb", "timestamp"),
  },
  {
    name: "new_events",
    rows: (board) =>
      [...board.facts].flatMap(([runId, facts]) => {
        const run = board.runs.get(runId);
        return run === undefined
          ? []
          : [{ run_id: runId, workspace_id: run.workspace_id, first: run.event_seq + 1, count: facts.length, facts }];
      }),
    sql: insert("run_events", "run_id uuid, first bigint, count int, workspace_id uuid, facts jsonb", "created_at"),
  },
];

export const BOARD_SECTIONS: readonly Section[] = [...updates, ...inserts];

import type { Board } from "../domain/board.ts";
import { touched } from "../domain/list-touched.ts";

/** One table's share of the apply statement. `$1` is the time of the batch, `$rows` its rows as a JSON array. */
export type Section = { name: string; rows: (board: Board) => Readonly<Record<string, unknown>>[]; sql: string };

const updates: Section[] = [
  {
    name: "changed_runs",
    rows: (board) =>
      [...board.runs.values()]
        .filter((run) => board.touched.runs.has(run.id) || board.facts.has(run.id))
        .map((run) => ({ ...run, event_seq: run.event_seq + (board.facts.get(run.id)?.length ?? 0) })),
    sql: `UPDATE runs SET status = c.status, phase = c.phase, epoch = c.epoch, phase_token = c.phase_token, execution_number = c.execution_number,
        watchdog_seq = c.watchdog_seq, started_at = COALESCE(runs.started_at, c.started_at), plan_version = c.plan_version, open_tasks = c.open_tasks, event_seq = c.event_seq,
        phase_due = c.phase_due, error = c.error, pause_reason = c.pause_reason, is_finishing = c.is_finishing, contract = c.contract, replans_left = c.replans_left, replans = c.replans, result_payload_id = COALESCE(c.result_payload_id, runs.result_payload_id),
        finished_at = COALESCE(c.finished_at, runs.finished_at), updated_at = $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, status text, phase text, epoch int, phase_token text,
        execution_number int, watchdog_seq int, started_at timestamptz, plan_version int, open_tasks int, event_seq bigint,
        phase_due jsonb, error jsonb, pause_reason text, is_finishing boolean, contract jsonb, replans_left int, replans jsonb, result_payload_id uuid, finished_at timestamptz)
      WHERE runs.id = c.id`,
  },
  {
    name: "changed_attempts",
    rows: (board) => touched(board.attempts.values(), board.touched.attempts),
    sql: `UPDATE task_attempts SET status = c.status, version = c.version, error = c.error, finished_at = c.finished_at,
        deadline_at = c.deadline_at, remaining_ms = c.remaining_ms
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, status text, version int, error jsonb, finished_at timestamptz, deadline_at timestamptz, remaining_ms bigint)
      WHERE task_attempts.id = c.id`,
  },
  {
    name: "closed_assignments",
    rows: (board) =>
      touched(board.attempts.values(), board.touched.attempts)
        .filter((attempt) => attempt.finished_at !== null)
        .map((attempt) => ({ attempt_id: attempt.id, result: { status: attempt.status, error: attempt.error } })),
    sql: `UPDATE agent_task_assignments SET completed_at = $1::timestamptz, result = c.result
      FROM jsonb_to_recordset($rows::jsonb) AS c (attempt_id uuid, result jsonb)
      WHERE agent_task_assignments.attempt_id = c.attempt_id`,
  },
  {
    name: "changed_effects",
    rows: (board) => touched(board.effects.values(), board.touched.effects),
    sql: `UPDATE effects SET state = c.state, try = c.try, lease_token = c.lease_token, result_payload_id = c.result_payload_id, result_sha256 = c.result_sha256, error = c.error,
        answered_at = c.answered_at, lease_until = NULL, sends = c.sends, sent_at = c.sent_at
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, state text, try int, lease_token uuid, result_payload_id uuid, result_sha256 text, error jsonb, answered_at timestamptz,
        sends int, sent_at timestamptz)
      WHERE effects.id = c.id`,
  },
  {
    name: "changed_tasks",
    rows: (board) => touched(board.tasks.values(), board.touched.tasks),
    sql: `UPDATE tasks SET status = c.status, pending_dependencies = c.pending_dependencies, attempts = c.attempts,
        result_payload_id = COALESCE(c.result_payload_id, tasks.result_payload_id), result_sha256 = COALESCE(c.result_sha256, tasks.result_sha256),
        error = c.error, is_paused = c.is_paused, started_at = c.started_at, completed_at = c.completed_at, agent_id = c.agent_id,
        not_before = c.not_before, on_fallback = c.on_fallback, updated_at = $1::timestamptz,
        actual_duration_seconds = EXTRACT(EPOCH FROM c.completed_at - c.started_at)::int
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, status task_status, pending_dependencies int, attempts int, result_payload_id uuid,
        result_sha256 text, error jsonb, is_paused boolean, started_at timestamptz, completed_at timestamptz, agent_id uuid,
        not_before timestamptz, on_fallback boolean)
      WHERE tasks.id = c.id`,
  },
  {
    name: "changed_budgets",
    rows: (board) => touched(board.budgets.values(), board.touched.budgets),
    sql: `UPDATE budgets SET limit_nano = c.limit_nano, spent_nano = c.spent_nano, held_nano = c.held_nano, running_tasks = c.running_tasks, updated_at = $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, limit_nano bigint, spent_nano bigint, held_nano bigint, running_tasks int)
      WHERE budgets.id = c.id`,
  },
  {
    name: "changed_holds",
    rows: (board) => touched(board.holds, board.touched.holds),
    sql: `UPDATE budget_holds SET state = c.state, settled_nano = c.settled_nano, settled_at = $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, state text, settled_nano bigint)
      WHERE budget_holds.id = c.id`,
  },
  {
    name: "changed_agents",
    rows: (board) => touched(board.agents.values(), board.touched.agents),
    sql: `UPDATE agents SET current_task_count = c.current_task_count, consecutive_failures = c.consecutive_failures,
        cool_down_until = c.cool_down_until, last_failure = c.last_failure, last_active_at = $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, current_task_count int, consecutive_failures int, cool_down_until timestamptz, last_failure jsonb)
      WHERE agents.id = c.id`,
  },
];

const inserts: Section[] = [
  {
    name: "new_payloads",
    rows: (board) => board.inserts.payloads,
    sql: `INSERT INTO payloads (id, workspace_id, run_id, sha256, body, created_at)
      SELECT id, workspace_id, run_id, sha256, body, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, run_id uuid, sha256 text, body jsonb)`,
  },
  {
    name: "new_attempts",
    rows: (board) => board.inserts.attempts,
    sql: `INSERT INTO task_attempts (id, workspace_id, run_id, task_id, agent_id, number, briefing_payload_id, deadline_at, started_at)
      SELECT id, workspace_id, run_id, task_id, agent_id, number, briefing_payload_id, deadline_at, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, run_id uuid, task_id uuid, agent_id uuid, number int, briefing_payload_id uuid, deadline_at timestamptz)`,
  },
  {
    name: "new_assignments",
    rows: (board) => board.inserts.attempts.map((attempt) => ({ ...attempt, attempt_id: attempt.id, id: board.newId() })),
    sql: `INSERT INTO agent_task_assignments (id, workspace_id, agent_id, task_id, attempt_id, assigned_at, started_at)
      SELECT id, workspace_id, agent_id, task_id, attempt_id, $1::timestamptz, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, agent_id uuid, task_id uuid, attempt_id uuid)`,
  },
  {
    name: "new_effects",
    rows: (board) => board.inserts.effects,
    sql: `INSERT INTO effects (id, workspace_id, run_id, task_id, attempt_id, seq, kind, safety, state, lease_token, lease_until, claimed_at,
        request_payload_id, request_sha256, worst_cost_nano, created_at)
      SELECT id, workspace_id, run_id, task_id, attempt_id, seq, kind, safety, state, lease_token, lease_until, claimed_at,
        request_payload_id, request_sha256, worst_cost_nano, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, run_id uuid, task_id uuid, attempt_id uuid, seq int, kind text,
        safety text, state text, lease_token uuid, lease_until timestamptz, claimed_at timestamptz, request_payload_id uuid,
        request_sha256 text, worst_cost_nano bigint)`,
  },
  {
    name: "new_holds",
    rows: (board) => board.inserts.holds,
    sql: `INSERT INTO budget_holds (id, workspace_id, budget_id, run_id, effect_id, try, amount_nano, created_at)
      SELECT id, workspace_id, budget_id, run_id, effect_id, try, amount_nano, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, budget_id uuid, run_id uuid, effect_id uuid, try int, amount_nano bigint)`,
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
    sql: `INSERT INTO task_execution_logs (id, workspace_id, task_id, timestamp, level, message, metadata)
      SELECT id, workspace_id, task_id, $1::timestamptz, level, message, metadata
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, task_id uuid, level text, message text, metadata jsonb)`,
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
    sql: `INSERT INTO run_events (run_id, first, count, workspace_id, facts, created_at)
      SELECT run_id, first, count, workspace_id, facts, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (run_id uuid, first bigint, count int, workspace_id uuid, facts jsonb)`,
  },
];

export const BOARD_SECTIONS: readonly Section[] = [...updates, ...inserts];

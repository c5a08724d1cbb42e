import type { Board } from "../domain/board.ts";
import { touched } from "../domain/list-touched.ts";
import type { Section } from "./board-sections.ts";

function listEnded(board: Board) {
  return touched(board.runs.values(), board.touched.runs).filter((run) => run.finished_at !== null);
}

function parentsOf({ depends_on, finished_parents = [] }: Board["inserts"]["tasks"][number]): string[] {
  return [...finished_parents.map(({ id }) => id), ...depends_on];
}

/** The shares of the apply statement that most boards have nothing for: new tasks, tool calls, memories, and what waits for a person. */
export const RARE_SECTIONS: readonly Section[] = [
  {
    name: "changed_items",
    rows: (board) => touched(board.items.values(), board.touched.items),
    sql: `UPDATE inbox_items SET state = c.state, decision = c.decision, decided_by = c.decided_by, decided_at = $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, state text, decision jsonb, decided_by uuid)
      WHERE inbox_items.id = c.id`,
  },
  {
    // What nobody needs to decide any more: everything of a run that has ended, and what has become known. The section before has its own.
    name: "withdrawn_items",
    rows: (board) => {
      const decided = [...board.touched.items];
      return [
        ...listEnded(board).map((run) => ({ run_id: run.id, effect_id: null, decided })),
        ...[...board.unasked].map((effect_id) => ({ run_id: null, effect_id, decided })),
      ];
    },
    sql: `UPDATE inbox_items SET state = 'withdrawn', decided_at = $1::timestamptz
      WHERE state = 'open' AND id IN (
        SELECT i.id FROM jsonb_to_recordset($rows::jsonb) AS c (run_id uuid, effect_id uuid, decided uuid[])
        JOIN inbox_items i ON (i.run_id = c.run_id OR i.effect_id = c.effect_id) AND i.state = 'open' AND i.id <> ALL (c.decided))`,
  },
  {
    name: "new_items",
    rows: (board) => board.inserts.items,
    sql: `INSERT INTO inbox_items (id, workspace_id, run_id, task_id, effect_id, kind, request_sha256, subject, expires_at, created_at)
      SELECT id, workspace_id, run_id, task_id, effect_id, kind, request_sha256, subject, expires_at, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, run_id uuid, task_id uuid, effect_id uuid, kind text,
        request_sha256 text, subject jsonb, expires_at timestamptz)`,
  },
  {
    name: "new_tool_executions",
    rows: (board) => board.inserts.tool_executions,
    sql: `INSERT INTO tool_executions (id, workspace_id, task_id, tool_id, effect_id, parameters, output, error, success, duration_seconds, started_at, completed_at)
      SELECT c.id, c.workspace_id, c.task_id, tools.id, c.effect_id, c.parameters, c.output, c.error, c.error IS NULL,
        EXTRACT(EPOCH FROM $1::timestamptz - c.started_at), c.started_at, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, task_id uuid, effect_id uuid, tool text, parameters jsonb,
        output jsonb, error text, started_at timestamptz)
      JOIN tools ON tools.name = c.tool`,
  },
  {
    name: "new_proposals",
    rows: (board) => board.inserts.proposals,
    sql: `INSERT INTO effects (id, workspace_id, run_id, task_id, attempt_id, seq, kind, safety, state, request_payload_id, request_sha256,
        result_payload_id, result_sha256, error, created_at, answered_at)
      SELECT id, workspace_id, run_id, task_id, attempt_id, seq, kind, safety, state, request_payload_id, request_sha256,
        result_payload_id, result_sha256, error, $1::timestamptz, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, run_id uuid, task_id uuid, attempt_id uuid, seq int, kind text,
        safety text, state text, request_payload_id uuid, request_sha256 text, result_payload_id uuid, result_sha256 text, error jsonb)`,
  },
  {
    name: "new_check_outcomes",
    rows: (board) => board.inserts.check_outcomes,
    sql: `INSERT INTO check_outcomes (attempt_id, position, workspace_id, run_id, task_id, kind, advisory, passed, reason, created_at)
      SELECT attempt_id, position, workspace_id, run_id, task_id, kind, advisory, passed, reason, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (attempt_id uuid, position int, workspace_id uuid, run_id uuid, task_id uuid, kind text,
        advisory boolean, passed boolean, reason text)`,
  },
  {
    // Which model and which prompt it was stands in the briefing of the attempt.
    name: "new_review_verdicts",
    rows: (board) => board.inserts.review_verdicts,
    sql: `INSERT INTO review_verdicts (attempt_id, workspace_id, run_id, agent_id, model, prompt_version, approved, score, created_at)
      SELECT c.attempt_id, c.workspace_id, c.run_id, c.agent_id, briefing.body ->> 'model', (briefing.body #>> '{prompt,version}')::int,
        c.approved, c.score, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (attempt_id uuid, workspace_id uuid, run_id uuid, agent_id uuid, approved boolean, score real)
      JOIN task_attempts a ON a.id = c.attempt_id
      JOIN payloads briefing ON briefing.id = a.briefing_payload_id`,
  },
  {
    name: "new_episodes",
    rows: (board) => board.inserts.episodes,
    sql: `INSERT INTO memories (id, workspace_id, user_id, run_id, content, memory_type, scope, metadata, source, created_at, accessed_at)
      SELECT id, workspace_id, user_id, run_id, content, 'episodic', 'user', metadata, 'run', $1::timestamptz, $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, user_id uuid, run_id uuid, content text, metadata jsonb)`,
  },
  {
    name: "new_tasks",
    rows: (board) => board.inserts.tasks.map((task) => ({ ...task, depends_on: parentsOf(task), waits_for: task.depends_on.length })),
    sql: `INSERT INTO tasks (id, workspace_id, user_id, run_id, parent_task_id, kind, ordinal, name, description, complexity,
        required_capabilities, dependencies, pending_dependencies, agent_id, estimated_duration_seconds, fallback_strategy, policy, priority,
        subtask_depth, proposer_notes, created_at)
      SELECT id, workspace_id, user_id, run_id, parent_task_id, kind, ordinal, name, description, complexity, required_capabilities,
        depends_on, waits_for, agent_id, estimated_duration_seconds, fallback_strategy, policy, COALESCE(priority, 0),
        COALESCE((subtask ->> 'depth')::int, 0), subtask ->> 'notes', $1::timestamptz
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, user_id uuid, run_id uuid, parent_task_id uuid, kind text,
        ordinal int, name text, description text, complexity task_complexity, required_capabilities text[], depends_on uuid[], waits_for int, agent_id uuid,
        estimated_duration_seconds int, fallback_strategy text, policy jsonb, priority int, subtask jsonb)`,
  },
  {
    name: "new_dependencies",
    // Of a task with all it depends on, and of one that was divided with its subtasks.
    rows: (board) =>
      board.inserts.tasks
        .flatMap((task) => {
          const { subtask, id, workspace_id, run_id } = task;
          const own = { ...task, depends_on: parentsOf(task) };
          return subtask === undefined ? [own] : [own, { id: subtask.of, workspace_id, run_id, depends_on: [id] }];
        })
        .filter((task) => task.depends_on.length > 0),
    sql: `INSERT INTO task_dependencies (task_id, depends_on, workspace_id, run_id)
      SELECT c.id, parent, c.workspace_id, c.run_id
      FROM jsonb_to_recordset($rows::jsonb) AS c (id uuid, workspace_id uuid, run_id uuid, depends_on uuid[]), unnest(c.depends_on) AS parent`,
  },
];

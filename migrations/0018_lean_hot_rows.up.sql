-- The hot path of a run: what each of its tasks costs the server.

-- Each row of a run is written by one statement of the conductor, from rows that it has locked, and goes with its run. What names its run needs
-- no second key to say so: a key costs a look-up for each row that is written, and there were twenty-six of them a task.
-- tests/simulation/check-end.ts looks for what the keys would have refused.
ALTER TABLE task_attempts DROP CONSTRAINT task_attempts_task_id_fkey, DROP CONSTRAINT task_attempts_agent_id_fkey;
ALTER TABLE effects DROP CONSTRAINT effects_task_id_fkey, DROP CONSTRAINT effects_attempt_id_fkey;
ALTER TABLE budget_holds
  DROP CONSTRAINT budget_holds_budget_id_fkey,
  DROP CONSTRAINT budget_holds_effect_id_fkey,
  SET (fillfactor = 70);
ALTER TABLE agent_task_assignments
  DROP CONSTRAINT agent_task_assignments_agent_id_fkey,
  DROP CONSTRAINT agent_task_assignments_attempt_id_fkey,
  SET (fillfactor = 70);
ALTER TABLE llm_usage DROP CONSTRAINT llm_usage_agent_id_fkey, DROP CONSTRAINT llm_usage_task_id_fkey;

-- Nobody looks holds up by whether they are open; without this index a hold that is settled stays where it is.
DROP INDEX budget_holds_budget_open;

-- As before, but of tasks, attempts, effects and holds only what a judge looks at: a join carries the ids of all it waits for.
CREATE OR REPLACE FUNCTION lock_batch(
  run_ids uuid[], attempt_ids uuid[], effect_ids uuid[], start_ids uuid[], completing_ids uuid[], failing_ids uuid[], today date
) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = public AS $$
DECLARE
  run_rows jsonb; attempt_rows jsonb; effect_rows jsonb; hold_rows jsonb; task_rows jsonb; edge_rows jsonb; descendant_rows jsonb;
  budget_rows jsonb; agent_rows jsonb; workspace_ids uuid[]; task_ids uuid[]; agent_ids uuid[];
BEGIN
  SELECT COALESCE(jsonb_agg(to_jsonb(r) - 'options'), '[]'), COALESCE(array_agg(DISTINCT workspace_id), '{}') INTO run_rows, workspace_ids
    FROM (SELECT * FROM runs WHERE id = ANY (run_ids) ORDER BY id FOR NO KEY UPDATE) r;
  SELECT COALESCE(jsonb_agg(to_jsonb(e)), '[]') INTO effect_rows FROM (
    SELECT id, run_id, task_id, attempt_id, seq, kind, state, try, safety, request_sha256, lease_token, lease_until, claimed_at,
      worst_cost_nano::text, created_at, sends, sent_at
    FROM effects WHERE id = ANY (effect_ids) ORDER BY id FOR NO KEY UPDATE) e;

  SELECT COALESCE(jsonb_agg(to_jsonb(a)), '[]') INTO attempt_rows FROM (
    SELECT id, run_id, task_id, agent_id, number, status, version, deadline_at, remaining_ms, started_at
    FROM task_attempts WHERE id = ANY (attempt_ids)) a;
  SELECT COALESCE(jsonb_agg(jsonb_build_object('task_id', task_id, 'depends_on', depends_on)), '[]') INTO edge_rows
    FROM task_dependencies WHERE depends_on = ANY (completing_ids);
  WITH RECURSIVE fallen (ancestor, task_id) AS (
    SELECT depends_on, task_id FROM task_dependencies WHERE depends_on = ANY (failing_ids)
    UNION
    SELECT f.ancestor, d.task_id FROM fallen f JOIN task_dependencies d ON d.depends_on = f.task_id
  )
  SELECT COALESCE(jsonb_agg(to_jsonb(f)), '[]') INTO descendant_rows FROM fallen f;
  task_ids := ARRAY(
    SELECT unnest(start_ids || completing_ids || failing_ids)
    UNION SELECT task_id FROM task_attempts WHERE id = ANY (attempt_ids)
    UNION SELECT task_id FROM task_dependencies WHERE depends_on = ANY (completing_ids)
    UNION SELECT (row ->> 'task_id')::uuid FROM jsonb_array_elements(descendant_rows) row
    UNION SELECT root_task_id FROM runs WHERE id = ANY (run_ids));
  SELECT COALESCE(jsonb_agg(to_jsonb(t)), '[]'), COALESCE(array_agg(DISTINCT agent_id), '{}') INTO task_rows, agent_ids FROM (
    SELECT id, run_id, kind, ordinal, name, status, pending_dependencies, attempts, is_paused, agent_id, started_at, policy, not_before,
      on_fallback, requires_approval, revision
    FROM tasks WHERE id = ANY (task_ids)) t;

  PERFORM 1 FROM budgets WHERE scope = 'workspace' AND workspace_id = ANY (workspace_ids) ORDER BY id FOR NO KEY UPDATE;
  INSERT INTO budgets (id, workspace_id, scope, user_id, day, limit_nano)
    SELECT gen_random_uuid(), b.workspace_id, 'day', b.user_id, today, b.day_limit_nano FROM budgets b
    WHERE b.day_limit_nano IS NOT NULL AND b.id = ANY (ARRAY(
        SELECT id FROM budgets WHERE scope = 'workspace' AND workspace_id = ANY (workspace_ids)
        UNION SELECT u.id FROM runs r JOIN budgets u ON u.scope = 'user' AND u.workspace_id = r.workspace_id AND u.user_id = r.user_id
          WHERE r.id = ANY (run_ids)))
      AND NOT EXISTS (SELECT 1 FROM budgets d
        WHERE d.scope = 'day' AND d.workspace_id = b.workspace_id AND d.day = today AND d.user_id IS NOT DISTINCT FROM b.user_id);
  SELECT COALESCE(jsonb_agg(to_jsonb(b) || jsonb_build_object('limit_nano', limit_nano::text, 'spent_nano', spent_nano::text, 'held_nano', held_nano::text)), '[]')
    INTO budget_rows FROM (
      SELECT * FROM budgets
      WHERE id = ANY (ARRAY(
        SELECT budget_id FROM runs WHERE id = ANY (run_ids)
        UNION SELECT id FROM budgets WHERE scope = 'workspace' AND workspace_id = ANY (workspace_ids)
        UNION SELECT id FROM budgets WHERE scope = 'day' AND user_id IS NULL AND day = today AND workspace_id = ANY (workspace_ids)
        UNION SELECT b.id FROM runs r JOIN budgets b ON b.workspace_id = r.workspace_id AND b.user_id = r.user_id
          AND (b.scope = 'user' OR b.scope = 'day' AND b.day = today) WHERE r.id = ANY (run_ids)
        UNION SELECT id FROM budgets WHERE scope = 'task' AND task_id = ANY (task_ids)
        UNION SELECT budget_id FROM budget_holds WHERE effect_id = ANY (effect_ids)))
      ORDER BY id FOR NO KEY UPDATE) b;
  SELECT COALESCE(jsonb_agg(to_jsonb(h)), '[]') INTO hold_rows FROM (
    SELECT id, budget_id, effect_id, try, amount_nano::text, settled_nano::text, state FROM budget_holds WHERE effect_id = ANY (effect_ids)) h;
  SELECT COALESCE(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'max_concurrent_tasks', max_concurrent_tasks, 'current_task_count', current_task_count)), '[]')
    INTO agent_rows FROM (
      SELECT * FROM agents
      WHERE id = ANY (agent_ids || ARRAY(SELECT agent_id FROM task_attempts WHERE id = ANY (attempt_ids)))
      ORDER BY id FOR NO KEY UPDATE) g;

  RETURN jsonb_build_object('runs', run_rows, 'attempts', attempt_rows, 'effects', effect_rows, 'holds', hold_rows, 'tasks', task_rows,
    'edges', edge_rows, 'descendants', descendant_rows, 'budgets', budget_rows, 'agents', agent_rows);
END $$;

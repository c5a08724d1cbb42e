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

-- As before, but of tasks, attempts, effects, holds and agents only what a judge looks at (a join carries the ids of all it waits for), and
-- without the statements that a batch has no use for: each costs the batch of one step as much as that of a hundred to begin.
-- read_locked_agents stays for code that still asks it.
CREATE OR REPLACE FUNCTION lock_batch(
  run_ids uuid[], attempt_ids uuid[], effect_ids uuid[], start_ids uuid[], completing_ids uuid[], failing_ids uuid[], today date
) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = public AS $$
DECLARE
  run_rows jsonb; attempt_rows jsonb := '[]'; effect_rows jsonb := '[]'; hold_rows jsonb := '[]'; task_rows jsonb; edge_rows jsonb := '[]';
  descendant_rows jsonb := '[]'; budget_rows jsonb; agent_rows jsonb;
  workspace_ids uuid[]; budget_ids uuid[]; task_ids uuid[]; agent_ids uuid[]; found_ids uuid[]; found_agents uuid[]; by_day boolean;
BEGIN
  SELECT COALESCE(jsonb_agg(to_jsonb(r) - 'options'), '[]'), COALESCE(array_agg(DISTINCT workspace_id), '{}'),
      COALESCE(array_agg(budget_id), '{}'), start_ids || completing_ids || failing_ids || COALESCE(array_agg(root_task_id), '{}')
    INTO run_rows, workspace_ids, budget_ids, task_ids
    FROM (SELECT * FROM runs WHERE id = ANY (run_ids) ORDER BY id FOR NO KEY UPDATE) r;
  IF cardinality(effect_ids) > 0 THEN
    SELECT COALESCE(jsonb_agg(to_jsonb(e)), '[]') INTO effect_rows FROM (
      SELECT id, run_id, task_id, attempt_id, seq, kind, state, try, safety, request_sha256, lease_token, lease_until, claimed_at,
        worst_cost_nano::text, created_at, sends, sent_at
      FROM effects WHERE id = ANY (effect_ids) ORDER BY id FOR NO KEY UPDATE) e;
  END IF;

  IF cardinality(attempt_ids) > 0 THEN
    SELECT COALESCE(jsonb_agg(to_jsonb(a)), '[]'), array_agg(task_id), array_agg(agent_id) INTO attempt_rows, found_ids, agent_ids FROM (
      SELECT id, run_id, task_id, agent_id, number, status, version, deadline_at, remaining_ms, started_at
      FROM task_attempts WHERE id = ANY (attempt_ids)) a;
    task_ids := task_ids || found_ids;
  END IF;
  IF cardinality(completing_ids) > 0 THEN
    SELECT COALESCE(jsonb_agg(to_jsonb(d)), '[]'), array_agg(task_id) INTO edge_rows, found_ids FROM (
      SELECT task_id, depends_on FROM task_dependencies WHERE depends_on = ANY (completing_ids)) d;
    task_ids := task_ids || found_ids;
  END IF;
  IF cardinality(failing_ids) > 0 THEN
    WITH RECURSIVE fallen (ancestor, task_id) AS (
      SELECT depends_on, task_id FROM task_dependencies WHERE depends_on = ANY (failing_ids)
      UNION
      SELECT f.ancestor, d.task_id FROM fallen f JOIN task_dependencies d ON d.depends_on = f.task_id
    )
    SELECT COALESCE(jsonb_agg(to_jsonb(f)), '[]'), array_agg(task_id) INTO descendant_rows, found_ids FROM fallen f;
    task_ids := task_ids || found_ids;
  END IF;
  SELECT COALESCE(jsonb_agg(to_jsonb(t)), '[]'), array_agg(DISTINCT agent_id) INTO task_rows, found_agents FROM (
    SELECT id, run_id, kind, ordinal, name, status, pending_dependencies, attempts, is_paused, agent_id, started_at, policy, not_before,
      on_fallback, requires_approval, revision
    FROM tasks WHERE id = ANY (task_ids)) t;

  SELECT budget_ids || COALESCE(array_agg(id), '{}'), COALESCE(bool_or(day_limit_nano IS NOT NULL), false) INTO budget_ids, by_day FROM (
    SELECT id, day_limit_nano FROM budgets WHERE scope = 'workspace' AND workspace_id = ANY (workspace_ids) ORDER BY id FOR NO KEY UPDATE) w;
  -- The row of a day is made by its first batch, so where days have limits there may be none yet.
  IF by_day OR EXISTS (SELECT 1 FROM budgets WHERE scope IN ('user', 'day') AND workspace_id = ANY (workspace_ids)) THEN
    INSERT INTO budgets (id, workspace_id, scope, user_id, day, limit_nano)
      SELECT gen_random_uuid(), b.workspace_id, 'day', b.user_id, today, b.day_limit_nano FROM budgets b
      WHERE b.day_limit_nano IS NOT NULL AND b.id = ANY (ARRAY(
          SELECT id FROM budgets WHERE scope = 'workspace' AND workspace_id = ANY (workspace_ids)
          UNION SELECT u.id FROM runs r JOIN budgets u ON u.scope = 'user' AND u.workspace_id = r.workspace_id AND u.user_id = r.user_id
            WHERE r.id = ANY (run_ids)))
        AND NOT EXISTS (SELECT 1 FROM budgets d
          WHERE d.scope = 'day' AND d.workspace_id = b.workspace_id AND d.day = today AND d.user_id IS NOT DISTINCT FROM b.user_id);
    budget_ids := budget_ids || ARRAY(
      SELECT id FROM budgets WHERE scope = 'day' AND user_id IS NULL AND day = today AND workspace_id = ANY (workspace_ids)
      UNION SELECT b.id FROM runs r JOIN budgets b ON b.workspace_id = r.workspace_id AND b.user_id = r.user_id
        AND (b.scope = 'user' OR b.scope = 'day' AND b.day = today) WHERE r.id = ANY (run_ids));
  END IF;
  budget_ids := budget_ids || ARRAY(
    SELECT id FROM budgets WHERE scope = 'task' AND task_id = ANY (task_ids)
    UNION ALL SELECT budget_id FROM budget_holds WHERE effect_id = ANY (effect_ids));
  SELECT COALESCE(jsonb_agg(to_jsonb(b) || jsonb_build_object('limit_nano', limit_nano::text, 'spent_nano', spent_nano::text, 'held_nano', held_nano::text)), '[]')
    INTO budget_rows FROM (SELECT * FROM budgets WHERE id = ANY (budget_ids) ORDER BY id FOR NO KEY UPDATE) b;
  IF cardinality(effect_ids) > 0 THEN
    SELECT COALESCE(jsonb_agg(to_jsonb(h)), '[]') INTO hold_rows FROM (
      SELECT id, budget_id, effect_id, try, amount_nano::text, settled_nano::text, state FROM budget_holds WHERE effect_id = ANY (effect_ids)) h;
  END IF;
  SELECT COALESCE(jsonb_agg(to_jsonb(g)), '[]') INTO agent_rows FROM (
    SELECT id, name, status, max_concurrent_tasks, current_task_count, consecutive_failures, cool_down_until, last_failure
    FROM agents WHERE id = ANY (found_agents || agent_ids) ORDER BY id FOR NO KEY UPDATE) g;

  RETURN jsonb_build_object('runs', run_rows, 'attempts', attempt_rows, 'effects', effect_rows, 'holds', hold_rows, 'tasks', task_rows,
    'edges', edge_rows, 'descendants', descendant_rows, 'budgets', budget_rows, 'agents', agent_rows);
END $$;

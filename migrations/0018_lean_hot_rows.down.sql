ALTER TABLE llm_usage
  ADD CONSTRAINT llm_usage_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents (id) ON DELETE SET NULL,
  ADD CONSTRAINT llm_usage_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE SET NULL;
ALTER TABLE agent_task_assignments
  ADD CONSTRAINT agent_task_assignments_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents (id) ON DELETE CASCADE,
  ADD CONSTRAINT agent_task_assignments_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES task_attempts (id) ON DELETE CASCADE,
  RESET (fillfactor);
ALTER TABLE budget_holds
  ADD CONSTRAINT budget_holds_budget_id_fkey FOREIGN KEY (budget_id) REFERENCES budgets (id) ON DELETE CASCADE,
  ADD CONSTRAINT budget_holds_effect_id_fkey FOREIGN KEY (effect_id) REFERENCES effects (id) ON DELETE CASCADE,
  RESET (fillfactor);
CREATE INDEX budget_holds_budget_open ON budget_holds (budget_id) WHERE state = 'held';
ALTER TABLE effects
  ADD CONSTRAINT effects_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
  ADD CONSTRAINT effects_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES task_attempts (id) ON DELETE CASCADE;
ALTER TABLE task_attempts
  ADD CONSTRAINT task_attempts_task_id_fkey FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
  ADD CONSTRAINT task_attempts_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES agents (id);

CREATE OR REPLACE FUNCTION lock_batch(
  run_ids uuid[], attempt_ids uuid[], effect_ids uuid[], start_ids uuid[], completing_ids uuid[], failing_ids uuid[], today date
) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = public AS $$
DECLARE
  run_rows jsonb; attempt_rows jsonb; effect_rows jsonb; hold_rows jsonb; task_rows jsonb; edge_rows jsonb; descendant_rows jsonb;
  budget_rows jsonb; agent_rows jsonb; workspace_ids uuid[];
BEGIN
  SELECT COALESCE(jsonb_agg(to_jsonb(r) - 'options'), '[]'), COALESCE(array_agg(DISTINCT workspace_id), '{}') INTO run_rows, workspace_ids
    FROM (SELECT * FROM runs WHERE id = ANY (run_ids) ORDER BY id FOR NO KEY UPDATE) r;
  SELECT COALESCE(jsonb_agg(to_jsonb(e) || jsonb_build_object('worst_cost_nano', worst_cost_nano::text)), '[]') INTO effect_rows
    FROM (SELECT * FROM effects WHERE id = ANY (effect_ids) ORDER BY id FOR NO KEY UPDATE) e;

  SELECT COALESCE(jsonb_agg(to_jsonb(a)), '[]') INTO attempt_rows FROM task_attempts a WHERE id = ANY (attempt_ids);
  SELECT COALESCE(jsonb_agg(jsonb_build_object('task_id', task_id, 'depends_on', depends_on)), '[]') INTO edge_rows
    FROM task_dependencies WHERE depends_on = ANY (completing_ids);
  WITH RECURSIVE fallen (ancestor, task_id) AS (
    SELECT depends_on, task_id FROM task_dependencies WHERE depends_on = ANY (failing_ids)
    UNION
    SELECT f.ancestor, d.task_id FROM fallen f JOIN task_dependencies d ON d.depends_on = f.task_id
  )
  SELECT COALESCE(jsonb_agg(to_jsonb(f)), '[]') INTO descendant_rows FROM fallen f;
  SELECT COALESCE(jsonb_agg(to_jsonb(t) - 'description'), '[]') INTO task_rows FROM tasks t
    WHERE id = ANY (ARRAY(
      SELECT unnest(start_ids || completing_ids || failing_ids)
      UNION SELECT task_id FROM task_attempts WHERE id = ANY (attempt_ids)
      UNION SELECT (row ->> 'task_id')::uuid FROM jsonb_array_elements(edge_rows || descendant_rows) row
      UNION SELECT root_task_id FROM runs WHERE id = ANY (run_ids)));

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
        UNION SELECT id FROM budgets WHERE scope = 'task'
          AND task_id = ANY (ARRAY(SELECT (row ->> 'id')::uuid FROM jsonb_array_elements(task_rows) row))
        UNION SELECT budget_id FROM budget_holds WHERE effect_id = ANY (effect_ids)))
      ORDER BY id FOR NO KEY UPDATE) b;
  SELECT COALESCE(jsonb_agg(to_jsonb(h) || jsonb_build_object('amount_nano', amount_nano::text, 'settled_nano', settled_nano::text)), '[]')
    INTO hold_rows FROM budget_holds h WHERE effect_id = ANY (effect_ids);
  SELECT COALESCE(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'max_concurrent_tasks', max_concurrent_tasks, 'current_task_count', current_task_count)), '[]')
    INTO agent_rows FROM (
      SELECT * FROM agents
      WHERE id = ANY (ARRAY(SELECT (row ->> 'agent_id')::uuid FROM jsonb_array_elements(task_rows || attempt_rows) row))
      ORDER BY id FOR NO KEY UPDATE) g;

  RETURN jsonb_build_object('runs', run_rows, 'attempts', attempt_rows, 'effects', effect_rows, 'holds', hold_rows, 'tasks', task_rows,
    'edges', edge_rows, 'descendants', descendant_rows, 'budgets', budget_rows, 'agents', agent_rows);
END $$;

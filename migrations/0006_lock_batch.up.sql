-- Locks what a batch will judge and answers it as one document, in one round trip.
-- The run's row is the lock of everything in it: every writer of attempts, tasks and edges holds it first. Effects have other writers
-- (claim, extend), budgets and agents are shared between runs: those are locked as well. Always in this order (runs, effects, budgets,
-- agents) and by id, so that no two batches wait for each other. Each statement of a volatile function has a snapshot of its own, so what
-- follows the first lock sees whatever the writer before us committed.
CREATE FUNCTION lock_batch(run_ids uuid[], attempt_ids uuid[], effect_ids uuid[], start_ids uuid[], completing_ids uuid[], failing_ids uuid[])
RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = public AS $$
DECLARE
  run_rows jsonb; attempt_rows jsonb; effect_rows jsonb; hold_rows jsonb; task_rows jsonb; edge_rows jsonb; descendant_rows jsonb;
  budget_rows jsonb; agent_rows jsonb;
BEGIN
  SELECT COALESCE(jsonb_agg(to_jsonb(r) - 'options'), '[]') INTO run_rows
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

  SELECT COALESCE(jsonb_agg(to_jsonb(h) || jsonb_build_object('amount_nano', amount_nano::text, 'settled_nano', settled_nano::text)), '[]')
    INTO hold_rows FROM budget_holds h WHERE effect_id = ANY (effect_ids);
  SELECT COALESCE(jsonb_agg(to_jsonb(b) || jsonb_build_object('limit_nano', limit_nano::text, 'spent_nano', spent_nano::text, 'held_nano', held_nano::text)), '[]')
    INTO budget_rows FROM (
      SELECT * FROM budgets
      WHERE id = ANY (ARRAY(
        SELECT budget_id FROM runs WHERE id = ANY (run_ids)
        UNION SELECT b.id FROM budgets b JOIN runs r ON r.workspace_id = b.workspace_id WHERE b.scope = 'workspace' AND r.id = ANY (run_ids)))
      ORDER BY id FOR NO KEY UPDATE) b;
  SELECT COALESCE(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'max_concurrent_tasks', max_concurrent_tasks, 'current_task_count', current_task_count)), '[]')
    INTO agent_rows FROM (
      SELECT * FROM agents
      WHERE id = ANY (ARRAY(SELECT (row ->> 'agent_id')::uuid FROM jsonb_array_elements(task_rows || attempt_rows) row))
      ORDER BY id FOR NO KEY UPDATE) g;

  RETURN jsonb_build_object('runs', run_rows, 'attempts', attempt_rows, 'effects', effect_rows, 'holds', hold_rows, 'tasks', task_rows,
    'edges', edge_rows, 'descendants', descendant_rows, 'budgets', budget_rows, 'agents', agent_rows);
END $$;
REVOKE ALL ON FUNCTION lock_batch(uuid[], uuid[], uuid[], uuid[], uuid[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_batch(uuid[], uuid[], uuid[], uuid[], uuid[], uuid[]) TO engine, app;

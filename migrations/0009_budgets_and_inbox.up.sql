-- Budgets of tasks, users and days, and what waits for a person: approvals, questions, unknown outcomes.

-- A limit for each UTC day stands on the row of the workspace or of the user; the row of a day is made by the first batch of that day
-- and copies it. So a hold belongs to the day on which it was taken, however late it is settled.
ALTER TABLE budgets
  DROP CONSTRAINT budgets_scope_check,
  ADD CONSTRAINT budgets_scope_check CHECK (scope IN ('workspace', 'run', 'task', 'user', 'day')),
  ADD COLUMN user_id uuid,
  ADD COLUMN task_id uuid,
  ADD COLUMN day date,
  ADD COLUMN day_limit_nano bigint CHECK (day_limit_nano >= 0);
CREATE UNIQUE INDEX budgets_task ON budgets (task_id) WHERE scope = 'task';
CREATE UNIQUE INDEX budgets_user ON budgets (workspace_id, user_id) WHERE scope = 'user';
CREATE UNIQUE INDEX budgets_day ON budgets (workspace_id, day) WHERE scope = 'day' AND user_id IS NULL;
CREATE UNIQUE INDEX budgets_user_day ON budgets (workspace_id, user_id, day) WHERE scope = 'day' AND user_id IS NOT NULL;
CREATE INDEX budget_holds_budget_open ON budget_holds (budget_id) WHERE state = 'held';

ALTER TABLE runs
  -- Why a paused run waits. A run that waits for a budget lets the tasks go on that it has begun, as far as the money goes.
  ADD COLUMN pause_reason text CHECK (pause_reason IN ('person', 'budget')),
  -- Somebody said to finish with what there is: what no budget covers is cancelled, and nobody is asked again.
  ADD COLUMN is_finishing boolean NOT NULL DEFAULT false;
ALTER TABLE tasks ADD COLUMN requires_approval boolean NOT NULL DEFAULT false;
ALTER TABLE tools ADD COLUMN requires_approval boolean NOT NULL DEFAULT false;

-- Which tools of a workspace need a person's word, besides those that need it everywhere.
CREATE TABLE approval_settings (
  workspace_id uuid PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
  tools text[] NOT NULL DEFAULT '{}',
  -- How long an approval waits before it has expired.
  expires_seconds integer NOT NULL DEFAULT 86400 CHECK (expires_seconds > 0),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- Everything that waits for a person. Each is decided once. The run's row is its lock, as of everything in a run.
CREATE TABLE inbox_items (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  task_id uuid REFERENCES tasks (id) ON DELETE CASCADE,
  effect_id uuid REFERENCES effects (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('approval', 'question', 'outcome')),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'approved', 'rejected', 'answered', 'resolved', 'expired', 'withdrawn')),
  -- What an approval is for, byte by byte; null where nothing is bound.
  request_sha256 char(64),
  subject jsonb NOT NULL,
  expires_at timestamptz,
  decision jsonb,
  decided_by uuid,
  decided_at timestamptz,
  created_at timestamptz NOT NULL
);
CREATE INDEX inbox_items_open ON inbox_items (workspace_id, id) WHERE state = 'open';
CREATE INDEX inbox_items_run ON inbox_items (run_id) WHERE state = 'open';
CREATE UNIQUE INDEX inbox_items_effect ON inbox_items (effect_id) WHERE state = 'open';

ALTER TABLE approval_settings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE inbox_items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON approval_settings TO app USING (workspace_id = current_workspace()) WITH CHECK (workspace_id = current_workspace());
CREATE POLICY tenant ON inbox_items TO app USING (workspace_id = current_workspace()) WITH CHECK (workspace_id = current_workspace());
CREATE POLICY every_workspace ON approval_settings TO engine USING (true);
CREATE POLICY every_workspace ON inbox_items TO engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON approval_settings, inbox_items TO app;
GRANT SELECT ON approval_settings TO engine;
GRANT SELECT, INSERT, UPDATE ON inbox_items TO engine;

-- Outcomes that were unknown before there was an inbox. Nobody, not even the owner, bypasses the policies but here.
ALTER TABLE effects NO FORCE ROW LEVEL SECURITY;
ALTER TABLE runs NO FORCE ROW LEVEL SECURITY;
ALTER TABLE inbox_items NO FORCE ROW LEVEL SECURITY;
INSERT INTO inbox_items (id, workspace_id, run_id, task_id, effect_id, kind, request_sha256, subject, created_at)
  SELECT e.id, e.workspace_id, e.run_id, e.task_id, e.id, 'outcome', e.request_sha256, jsonb_build_object('kind', e.kind), e.created_at
  FROM effects e JOIN runs r ON r.id = e.run_id WHERE e.state = 'unknown' AND r.status IN ('running', 'paused');
ALTER TABLE effects FORCE ROW LEVEL SECURITY;
ALTER TABLE runs FORCE ROW LEVEL SECURITY;
ALTER TABLE inbox_items FORCE ROW LEVEL SECURITY;

-- As before, with all budgets that may apply on the day `today` (UTC). The function without a day stays for code that knows none.
-- The row of a workspace's budget is locked before all other budgets: it is the lock of which budgets a workspace has, so whoever adds one
-- (a new day here, a limit that a person sets) holds it, and no batch misses the new one. All others follow by id. Holds are read after the
-- locks, because whoever adds a budget copies open holds to it.
CREATE FUNCTION lock_batch(
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
REVOKE ALL ON FUNCTION lock_batch(uuid[], uuid[], uuid[], uuid[], uuid[], uuid[], date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_batch(uuid[], uuid[], uuid[], uuid[], uuid[], uuid[], date) TO engine, app;

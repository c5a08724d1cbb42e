-- How a task is tried, checked and replaced (contracts/task-policy.ts); '{}' is two attempts and nothing else.
ALTER TABLE tasks
  ADD COLUMN policy jsonb NOT NULL DEFAULT '{}',
  -- A pending task does not begin before; null = now.
  ADD COLUMN not_before timestamptz,
  -- Its fallback is what is tried now; when that fails nothing is left.
  ADD COLUMN on_fallback boolean NOT NULL DEFAULT false;

ALTER TABLE task_attempts
  -- When its time is up; null = never, or its run is paused.
  ADD COLUMN deadline_at timestamptz,
  -- What was left of its time when its run was paused.
  ADD COLUMN remaining_ms bigint;

-- What each acceptance check of an attempt said: what a critic is measured by.
CREATE TABLE check_outcomes (
  attempt_id uuid NOT NULL REFERENCES task_attempts (id) ON DELETE CASCADE,
  position integer NOT NULL CHECK (position >= 0),
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  kind text NOT NULL,
  advisory boolean NOT NULL,
  passed boolean NOT NULL,
  reason text,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (attempt_id, position)
);
CREATE INDEX check_outcomes_run ON check_outcomes (run_id);
CREATE INDEX check_outcomes_task ON check_outcomes (task_id);

-- What a critic said of a run, and which critic it was.
CREATE TABLE review_verdicts (
  attempt_id uuid PRIMARY KEY REFERENCES task_attempts (id) ON DELETE CASCADE,
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  model text NOT NULL,
  prompt_version integer NOT NULL,
  approved boolean NOT NULL,
  score real NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX review_verdicts_run ON review_verdicts (run_id);
CREATE INDEX review_verdicts_agent ON review_verdicts (agent_id, created_at);

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['check_outcomes', 'review_verdicts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO app USING (workspace_id = current_workspace()) WITH CHECK (workspace_id = current_workspace())', tenant_table);
    EXECUTE format('CREATE POLICY every_workspace ON %I TO engine USING (true) WITH CHECK (true)', tenant_table);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO app, engine', tenant_table);
  END LOOP;
END $$;

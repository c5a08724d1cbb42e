DROP VIEW agent_task_assignments;
DROP FUNCTION write_nothing();
DROP INDEX task_attempts_agent;

CREATE TABLE agent_task_assignments (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  attempt_id uuid NOT NULL UNIQUE,
  assigned_at timestamptz NOT NULL,
  started_at timestamptz,
  completed_at timestamptz,
  result jsonb
) WITH (fillfactor = 70);
INSERT INTO agent_task_assignments (id, workspace_id, agent_id, task_id, attempt_id, assigned_at, started_at, completed_at, result)
  SELECT id, workspace_id, agent_id, task_id, id, started_at, started_at, finished_at,
    CASE WHEN finished_at IS NOT NULL THEN jsonb_build_object('status', status, 'error', error) END
  FROM task_attempts;
CREATE INDEX agent_task_assignments_agent ON agent_task_assignments (agent_id, id DESC);
CREATE INDEX agent_task_assignments_task ON agent_task_assignments (task_id);
ALTER TABLE agent_task_assignments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agent_task_assignments TO app USING (workspace_id = current_workspace()) WITH CHECK (workspace_id = current_workspace());
CREATE POLICY every_workspace ON agent_task_assignments TO engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON agent_task_assignments TO app, engine;

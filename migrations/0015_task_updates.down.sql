DROP INDEX tasks_goals;
DROP INDEX tasks_workspace;
CREATE INDEX tasks_workspace ON tasks (workspace_id, created_at DESC);
ALTER TABLE tasks DROP COLUMN revision;

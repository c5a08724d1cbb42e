-- A person may change a task that has not begun. Raised by each change: an attempt that was drafted from what the task was before is refused.
ALTER TABLE tasks ADD COLUMN revision integer NOT NULL DEFAULT 0;

-- Lists of a workspace go by id, which is the order of creation and never changes under a cursor.
DROP INDEX tasks_workspace;
CREATE INDEX tasks_workspace ON tasks (workspace_id, id DESC);
CREATE INDEX tasks_goals ON tasks (workspace_id, id DESC) WHERE kind = 'goal';

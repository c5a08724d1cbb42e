-- The order of what waits, and how much of a workspace runs at once.

-- Seconds of work on the longest way from a task to the end of its plan, its own included: what holds up most begins first. Runs that were
-- planned before have none: they begin what waits by age.
ALTER TABLE tasks ADD COLUMN priority integer NOT NULL DEFAULT 0;
DROP INDEX tasks_ready;
CREATE INDEX tasks_ready ON tasks (agent_id, priority DESC, id) WHERE status = 'pending' AND pending_dependencies = 0;
CREATE INDEX tasks_ready_of_run ON tasks (run_id, agent_id, priority DESC, id) WHERE status = 'pending' AND pending_dependencies = 0;

-- How many tasks of a workspace run at once, and may. On the row of its budget, which every batch of its runs locks: so the count is exact.
ALTER TABLE budgets
  ADD COLUMN running_tasks integer NOT NULL DEFAULT 0 CHECK (running_tasks >= 0),
  ADD COLUMN max_running_tasks integer NOT NULL DEFAULT 1000 CHECK (max_running_tasks > 0);
-- Nobody, not even the owner, bypasses the policies but here.
ALTER TABLE budgets NO FORCE ROW LEVEL SECURITY;
ALTER TABLE task_attempts NO FORCE ROW LEVEL SECURITY;
UPDATE budgets SET running_tasks = (SELECT count(*) FROM task_attempts a WHERE a.workspace_id = budgets.workspace_id AND a.status = 'running')
  WHERE scope = 'workspace';
ALTER TABLE budgets FORCE ROW LEVEL SECURITY;
ALTER TABLE task_attempts FORCE ROW LEVEL SECURITY;

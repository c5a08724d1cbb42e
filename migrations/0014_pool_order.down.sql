ALTER TABLE budgets DROP COLUMN running_tasks, DROP COLUMN max_running_tasks;
DROP INDEX tasks_ready_of_run;
DROP INDEX tasks_ready;
CREATE INDEX tasks_ready ON tasks (agent_id, id) WHERE status = 'pending' AND pending_dependencies = 0;
ALTER TABLE tasks DROP COLUMN priority;

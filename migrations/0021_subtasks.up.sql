-- Tasks that an executor proposed instead of a result, and that its own task waits for: `parent_task_id` names that task. The depth of a task of
-- the plan is 0. What the agent noted for whoever goes on when they have completed stands with the first of them.
ALTER TABLE tasks
  ADD COLUMN subtask_depth integer NOT NULL DEFAULT 0 CHECK (subtask_depth >= 0),
  ADD COLUMN proposer_notes text;

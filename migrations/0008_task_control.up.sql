-- A person may pause one task while its run goes on: it begins nothing and takes no next step, and answers under way are kept.
ALTER TABLE tasks ADD COLUMN is_paused boolean NOT NULL DEFAULT false;

-- A fork is a run with the plan of another: what it comes from, what was edited of how an agent thinks ({"model", "prompt_version"}), and of each
-- task the one that it comes from. Not foreign keys: a fork outlives its origin.
ALTER TABLE tasks
  ADD COLUMN overrides jsonb,
  ADD COLUMN forked_from uuid;
ALTER TABLE runs
  ADD COLUMN forked_from_run_id uuid,
  ADD COLUMN forked_from_task_id uuid;

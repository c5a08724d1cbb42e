ALTER TABLE runs DROP COLUMN forked_from_run_id, DROP COLUMN forked_from_task_id;
ALTER TABLE tasks DROP COLUMN is_paused, DROP COLUMN overrides, DROP COLUMN forked_from;

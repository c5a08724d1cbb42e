ALTER TABLE tasks DROP COLUMN subtask_depth, DROP COLUMN proposer_notes;

DROP TABLE review_verdicts;
DROP TABLE check_outcomes;
ALTER TABLE task_attempts DROP COLUMN deadline_at, DROP COLUMN remaining_ms;
ALTER TABLE tasks DROP COLUMN policy, DROP COLUMN not_before, DROP COLUMN on_fallback;

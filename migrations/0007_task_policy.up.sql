-- How a task is tried, checked and replaced (contracts/task-policy.ts); '{}' is two attempts and nothing else.
ALTER TABLE tasks
  ADD COLUMN policy jsonb NOT NULL DEFAULT '{}',
  -- A pending task does not begin before; null = now.
  ADD COLUMN not_before timestamptz,
  -- Its fallback is what is tried now; when that fails nothing is left.
  ADD COLUMN on_fallback boolean NOT NULL DEFAULT false;

ALTER TABLE task_attempts
  -- When its time is up; null = never, or its run is paused.
  ADD COLUMN deadline_at timestamptz,
  -- What was left of its time when its run was paused.
  ADD COLUMN remaining_ms bigint;

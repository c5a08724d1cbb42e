-- A plan that a person approves once, and what its tasks are held to: {"approved_sha256", "tools", "files"}. Null: nobody is asked.
ALTER TABLE runs
  ADD COLUMN contract jsonb,
  DROP CONSTRAINT runs_pause_reason_check,
  ADD CONSTRAINT runs_pause_reason_check CHECK (pause_reason IN ('person', 'budget', 'plan'));

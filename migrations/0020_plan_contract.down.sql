-- Nobody, not even the owner, bypasses the policies but here.
ALTER TABLE runs NO FORCE ROW LEVEL SECURITY;
UPDATE runs SET pause_reason = 'person' WHERE pause_reason = 'plan';
ALTER TABLE runs FORCE ROW LEVEL SECURITY;
ALTER TABLE runs
  DROP COLUMN contract,
  DROP CONSTRAINT runs_pause_reason_check,
  ADD CONSTRAINT runs_pause_reason_check CHECK (pause_reason IN ('person', 'budget'));

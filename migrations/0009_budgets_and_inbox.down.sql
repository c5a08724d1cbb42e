DROP FUNCTION lock_batch(uuid[], uuid[], uuid[], uuid[], uuid[], uuid[], date);
DROP TABLE inbox_items;
DROP TABLE approval_settings;
ALTER TABLE tools DROP COLUMN requires_approval;
ALTER TABLE tasks DROP COLUMN requires_approval;
ALTER TABLE runs DROP COLUMN is_finishing, DROP COLUMN pause_reason;
DROP INDEX budget_holds_budget_open;
-- What the older code does not know would count for nothing there. Holds fall with their budgets.
ALTER TABLE budgets NO FORCE ROW LEVEL SECURITY;
DELETE FROM budgets WHERE scope IN ('task', 'user', 'day');
ALTER TABLE budgets
  FORCE ROW LEVEL SECURITY,
  DROP CONSTRAINT budgets_scope_check,
  DROP COLUMN user_id,
  DROP COLUMN task_id,
  DROP COLUMN day,
  DROP COLUMN day_limit_nano,
  ADD CONSTRAINT budgets_scope_check CHECK (scope IN ('workspace', 'run'));

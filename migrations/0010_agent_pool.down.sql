DROP FUNCTION read_locked_agents(jsonb);
ALTER TABLE agents DROP COLUMN consecutive_failures, DROP COLUMN cool_down_until, DROP COLUMN last_failure;

-- An assignment was a copy of its attempt, kept up to date by the commits that begin and end attempts: a row with four index entries and a key, and a
-- change of it, for each task. Whatever it says stands in the attempt.
DROP TABLE agent_task_assignments;
CREATE INDEX task_attempts_agent ON task_attempts (agent_id, id DESC);

CREATE VIEW agent_task_assignments WITH (security_invoker = true) AS
  SELECT id, workspace_id, agent_id, task_id, id AS attempt_id, started_at AS assigned_at, started_at, finished_at AS completed_at,
    CASE WHEN finished_at IS NOT NULL THEN jsonb_build_object('status', status, 'error', error) END AS result
  FROM task_attempts;
GRANT SELECT, INSERT, UPDATE ON agent_task_assignments TO app, engine;

-- While functions are deployed, some still write what the attempt says already.
CREATE FUNCTION write_nothing() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER assignments_write_nothing INSTEAD OF INSERT OR UPDATE ON agent_task_assignments FOR EACH ROW EXECUTE FUNCTION write_nothing();

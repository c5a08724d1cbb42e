-- The health of agents: written by the batch under the lock of the agent's row, judged when it is looked at.
ALTER TABLE agents
  -- Failures of its own since the last success. What was begun before the last of them was counted belongs to it and is not counted.
  ADD COLUMN consecutive_failures integer NOT NULL DEFAULT 0 CHECK (consecutive_failures >= 0),
  -- Until then it is given nothing; after that one task at a time, until one succeeds.
  ADD COLUMN cool_down_until timestamptz,
  -- {"code", "at"}
  ADD COLUMN last_failure jsonb;

-- What a batch must know of the agents that lock_batch has locked for it, beside what that tells. Called after it in one statement: a
-- statement of a volatile function has a snapshot of its own, so this sees what the writer before us committed.
CREATE FUNCTION read_locked_agents(locked jsonb) RETURNS jsonb LANGUAGE plpgsql VOLATILE SET search_path = public AS $$
BEGIN
  RETURN (
    SELECT COALESCE(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'status', status, 'max_concurrent_tasks', max_concurrent_tasks,
      'current_task_count', current_task_count, 'consecutive_failures', consecutive_failures, 'cool_down_until', cool_down_until,
      'last_failure', last_failure)), '[]')
    FROM agents WHERE id = ANY (ARRAY(SELECT (row ->> 'id')::uuid FROM jsonb_array_elements(locked) row)));
END $$;
REVOKE ALL ON FUNCTION read_locked_agents(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read_locked_agents(jsonb) TO engine, app;

-- The agent pool of each workspace, and the tools that exist.
-- The agent's row is also its load row: current_task_count changes under the batch's lock and is in no index, so updates stay in the page.
CREATE TABLE agents (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name varchar(255) NOT NULL,
  role agent_role NOT NULL,
  status agent_status NOT NULL DEFAULT 'idle',
  capabilities text[] NOT NULL DEFAULT '{}',
  max_concurrent_tasks integer NOT NULL DEFAULT 1 CHECK (max_concurrent_tasks > 0),
  current_task_count integer NOT NULL DEFAULT 0 CHECK (current_task_count >= 0),
  prompt_version varchar(50) NOT NULL DEFAULT 'v1',
  -- provider:model, or 'default' for whatever the deployment is configured with.
  model varchar(255) NOT NULL DEFAULT 'default',
  temperature real,
  max_tokens integer NOT NULL DEFAULT 4096 CHECK (max_tokens > 0),
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_active_at timestamptz,
  UNIQUE (workspace_id, name)
) WITH (fillfactor = 70);
CREATE INDEX agents_role ON agents (workspace_id, role);

CREATE TABLE tools (
  id uuid PRIMARY KEY,
  name varchar(255) NOT NULL UNIQUE,
  type tool_type NOT NULL,
  description text NOT NULL,
  parameters_schema jsonb NOT NULL,
  is_enabled boolean NOT NULL DEFAULT true,
  timeout_seconds integer NOT NULL DEFAULT 300 CHECK (timeout_seconds > 0),
  retry_count integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tools_type ON tools (type);

-- Not on the load columns: the batch writes them many times a second.
CREATE TRIGGER agents_touch BEFORE UPDATE OF name, role, capabilities, max_concurrent_tasks, prompt_version, model, temperature, max_tokens, metadata
  ON agents FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER tools_touch BEFORE UPDATE ON tools FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

ALTER TABLE agents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agents TO app USING (workspace_id = current_workspace()) WITH CHECK (workspace_id = current_workspace());
CREATE POLICY every_workspace ON agents TO engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON agents TO app;
GRANT SELECT, UPDATE ON agents TO engine;
GRANT SELECT ON tools TO app, engine;

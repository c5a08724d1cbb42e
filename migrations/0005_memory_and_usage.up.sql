-- What is remembered, what is said, and what it cost.
CREATE TABLE memories (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  run_id uuid,
  content text NOT NULL,
  -- Half precision: the ranking is the same at half the size.
  embedding halfvec(1536),
  memory_type memory_type NOT NULL DEFAULT 'long_term',
  scope memory_scope NOT NULL DEFAULT 'user',
  metadata jsonb NOT NULL DEFAULT '{}',
  source varchar(255),
  confidence real NOT NULL DEFAULT 1 CHECK (confidence BETWEEN 0 AND 1),
  access_count integer NOT NULL DEFAULT 0,
  is_sensitive boolean NOT NULL DEFAULT false,
  search tsvector GENERATED ALWAYS AS (to_tsvector('english', content)) STORED,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  accessed_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz
);
CREATE INDEX memories_workspace ON memories (workspace_id, user_id, created_at DESC);
CREATE INDEX memories_search ON memories USING gin (search);
CREATE INDEX memories_expiry ON memories (expires_at) WHERE expires_at IS NOT NULL;
-- One episode per run, however often the end of the run is written.
CREATE UNIQUE INDEX memories_episode ON memories (run_id) WHERE memory_type = 'episodic' AND run_id IS NOT NULL;

CREATE TABLE conversations (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  title varchar(512),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);
CREATE INDEX conversations_workspace ON conversations (workspace_id, user_id, created_at DESC);

CREATE TABLE messages (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  conversation_id uuid NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  role varchar(50) NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
  content text NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX messages_conversation ON messages (conversation_id, created_at);

CREATE TABLE api_usage (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid REFERENCES users (id) ON DELETE SET NULL,
  endpoint varchar(255) NOT NULL,
  method varchar(10) NOT NULL,
  status_code integer NOT NULL,
  response_time_ms integer,
  ip_address inet,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_usage_workspace ON api_usage (workspace_id, created_at DESC);

-- One row per answered LLM call, written by the commit that settles its hold. cost_nano null = the price is unknown, never zero.
CREATE TABLE llm_usage (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid REFERENCES users (id) ON DELETE SET NULL,
  agent_id uuid REFERENCES agents (id) ON DELETE SET NULL,
  task_id uuid REFERENCES tasks (id) ON DELETE SET NULL,
  run_id uuid REFERENCES runs (id) ON DELETE CASCADE,
  effect_id uuid NOT NULL,
  try integer NOT NULL,
  provider varchar(100) NOT NULL,
  model varchar(255) NOT NULL,
  prompt_tokens integer NOT NULL CHECK (prompt_tokens >= 0),
  completion_tokens integer NOT NULL CHECK (completion_tokens >= 0),
  cached_tokens integer NOT NULL DEFAULT 0 CHECK (cached_tokens >= 0),
  total_tokens integer NOT NULL,
  cost_nano bigint CHECK (cost_nano >= 0),
  cost_usd numeric(20, 9) GENERATED ALWAYS AS (cost_nano::numeric / 1000000000) STORED,
  price_status text NOT NULL CHECK (price_status IN ('priced', 'offline', 'local', 'unpriced')),
  price_source text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (effect_id, try)
);
CREATE INDEX llm_usage_workspace ON llm_usage (workspace_id, created_at DESC);
CREATE INDEX llm_usage_run ON llm_usage (run_id);

CREATE TRIGGER memories_touch BEFORE UPDATE OF content, embedding, memory_type, scope, metadata, confidence, is_sensitive, expires_at
  ON memories FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER conversations_touch BEFORE UPDATE ON conversations FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['memories', 'conversations', 'messages', 'api_usage', 'llm_usage'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO app USING (workspace_id = current_workspace()) WITH CHECK (workspace_id = current_workspace())', tenant_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO app', tenant_table);
  END LOOP;
END $$;
-- The engine books usage for every workspace. It recalls memories of one workspace at a time and may write an episode, never read across.
CREATE POLICY every_workspace ON llm_usage TO engine USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON llm_usage TO engine;
CREATE POLICY engine_recall ON memories FOR SELECT TO engine USING (workspace_id = current_workspace());
CREATE POLICY engine_episode ON memories FOR INSERT TO engine WITH CHECK (memory_type = 'episodic');
GRANT SELECT, INSERT ON memories TO engine;

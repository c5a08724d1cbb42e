-- Runs, their DAG of tasks, the attempts, the journal of effects, the log of events, and the money.
CREATE TABLE runs (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  root_task_id uuid NOT NULL,
  goal text NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled')),
  phase text NOT NULL DEFAULT 'plan' CHECK (phase IN ('plan', 'execute', 'review', 'summarize', 'fail', 'call', 'end')),
  -- Raised by cancel, pause and resume: a step decided under an older epoch is refused.
  epoch integer NOT NULL DEFAULT 1,
  -- Raised by whatever adds tasks or edges.
  plan_version integer NOT NULL DEFAULT 0,
  -- Executor tasks that have not ended; zero makes the end of the execute phase due.
  open_tasks integer NOT NULL DEFAULT 0 CHECK (open_tasks >= 0),
  -- Number of the last fact in run_events.
  event_seq bigint NOT NULL DEFAULT 0,
  -- The newest callback token of Step Functions, and the answer owed to it: {"kind": "success" | "failure", …}; null while nothing is owed.
  phase_token text,
  phase_due jsonb,
  -- Part of the name of the Step Functions execution: a closed name is refused for 90 days.
  execution_number integer NOT NULL DEFAULT 1,
  -- The watchdog chain that counts; older ones die.
  watchdog_seq integer NOT NULL DEFAULT 1,
  budget_id uuid NOT NULL,
  -- What was fixed at the start: files given, the model behind 'default'; for a call of one tool from outside, what is called and where.
  options jsonb NOT NULL DEFAULT '{}',
  result_payload_id uuid,
  error jsonb,
  deadline timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX runs_workspace ON runs (workspace_id, id DESC);
CREATE INDEX runs_active ON runs (id) WHERE status IN ('pending', 'running', 'paused');

CREATE TABLE tasks (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  parent_task_id uuid REFERENCES tasks (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('goal', 'planner', 'executor', 'critic', 'summarizer', 'call')),
  -- 1..n in the order of the plan; 0 for the goal and the tasks around the plan.
  ordinal integer NOT NULL DEFAULT 0,
  name varchar(512) NOT NULL,
  description text NOT NULL DEFAULT '',
  status task_status NOT NULL DEFAULT 'pending',
  complexity task_complexity NOT NULL DEFAULT 'medium',
  required_capabilities text[] NOT NULL DEFAULT '{}',
  -- As the caller or the planner gave them; task_dependencies is the truth.
  dependencies uuid[] NOT NULL DEFAULT '{}',
  pending_dependencies integer NOT NULL DEFAULT 0 CHECK (pending_dependencies >= 0),
  attempts integer NOT NULL DEFAULT 0,
  agent_id uuid REFERENCES agents (id),
  estimated_duration_seconds integer,
  actual_duration_seconds integer,
  fallback_strategy text,
  result_payload_id uuid,
  result_sha256 char(64),
  error jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  completed_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX tasks_run ON tasks (run_id, ordinal);
CREATE INDEX tasks_parent ON tasks (parent_task_id);
CREATE INDEX tasks_workspace ON tasks (workspace_id, created_at DESC);
-- The backlog: what could start as soon as its agent has room.
CREATE INDEX tasks_ready ON tasks (agent_id, id) WHERE status = 'pending' AND pending_dependencies = 0;

CREATE TABLE task_dependencies (
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  depends_on uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  PRIMARY KEY (task_id, depends_on),
  CHECK (task_id <> depends_on)
);
CREATE INDEX task_dependencies_children ON task_dependencies (depends_on);
CREATE INDEX task_dependencies_run ON task_dependencies (run_id);

CREATE TABLE task_attempts (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  number integer NOT NULL CHECK (number > 0),
  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'failed', 'cancelled')),
  -- +1 for each commit that changed the journal; a step decided from an older journal is refused.
  version integer NOT NULL DEFAULT 1,
  agent_id uuid NOT NULL REFERENCES agents (id),
  -- What decide is given besides the journal, fixed when the attempt starts.
  briefing_payload_id uuid NOT NULL,
  error jsonb,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  UNIQUE (task_id, number)
) WITH (fillfactor = 70);
CREATE INDEX task_attempts_run ON task_attempts (run_id) WHERE status = 'running';

-- Bulky content, stored apart so that it can be erased; effects and events carry its hash.
CREATE TABLE payloads (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  sha256 char(64) NOT NULL,
  body jsonb,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX payloads_run ON payloads (run_id);

CREATE TABLE effects (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  attempt_id uuid NOT NULL REFERENCES task_attempts (id) ON DELETE CASCADE,
  -- Position in the attempt's journal, from 0.
  seq integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('llm', 'embed', 'tool', 'recall', 'timer', 'question')),
  safety text NOT NULL CHECK (safety IN ('repeatable', 'once')),
  state text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'running', 'done', 'failed', 'unknown', 'late', 'cancelled', 'parked')),
  try integer NOT NULL DEFAULT 1,
  request_payload_id uuid NOT NULL,
  request_sha256 char(64) NOT NULL,
  result_payload_id uuid,
  result_sha256 char(64),
  error jsonb,
  -- What one send may cost at most, in nano-dollars; the hold of each try reserves it.
  worst_cost_nano bigint NOT NULL DEFAULT 0,
  lease_token uuid,
  lease_until timestamptz,
  created_at timestamptz NOT NULL,
  claimed_at timestamptz,
  answered_at timestamptz,
  UNIQUE (attempt_id, seq)
) WITH (fillfactor = 70);
CREATE INDEX effects_open ON effects (run_id) WHERE state IN ('due', 'running', 'unknown', 'parked');

-- One row per commit and run holds the facts first..first+count-1: the number belongs to the fact.
CREATE TABLE run_events (
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  first bigint NOT NULL CHECK (first > 0),
  count integer NOT NULL CHECK (count > 0),
  workspace_id uuid NOT NULL,
  facts jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, first)
);

-- limit_nano null = no limit. A true bill above its hold is booked in full, so spent may pass the limit: no CHECK.
CREATE TABLE budgets (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  scope text NOT NULL CHECK (scope IN ('workspace', 'run')),
  run_id uuid,
  limit_nano bigint CHECK (limit_nano >= 0),
  spent_nano bigint NOT NULL DEFAULT 0 CHECK (spent_nano >= 0),
  held_nano bigint NOT NULL DEFAULT 0 CHECK (held_nano >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX budgets_workspace ON budgets (workspace_id) WHERE scope = 'workspace';
CREATE UNIQUE INDEX budgets_run ON budgets (run_id) WHERE scope = 'run';

CREATE TABLE budget_holds (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  budget_id uuid NOT NULL REFERENCES budgets (id) ON DELETE CASCADE,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  effect_id uuid NOT NULL REFERENCES effects (id) ON DELETE CASCADE,
  try integer NOT NULL,
  amount_nano bigint NOT NULL CHECK (amount_nano > 0),
  settled_nano bigint CHECK (settled_nano >= 0),
  -- held: reserved. settled: replaced by the true cost. unsettled: the lease ended without a report, booked in full. released: never sent.
  state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'settled', 'unsettled', 'released')),
  created_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  UNIQUE (budget_id, effect_id, try)
);
CREATE INDEX budget_holds_effect ON budget_holds (effect_id);

-- Per attempt, not per task: a retry is a new assignment.
CREATE TABLE agent_task_assignments (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  attempt_id uuid NOT NULL UNIQUE REFERENCES task_attempts (id) ON DELETE CASCADE,
  assigned_at timestamptz NOT NULL,
  started_at timestamptz,
  completed_at timestamptz,
  result jsonb
);
CREATE INDEX agent_task_assignments_agent ON agent_task_assignments (agent_id, id DESC);
CREATE INDEX agent_task_assignments_task ON agent_task_assignments (task_id);

CREATE TABLE task_execution_logs (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  timestamp timestamptz NOT NULL DEFAULT now(),
  level varchar(50) NOT NULL CHECK (level IN ('info', 'warning', 'error')),
  message text NOT NULL,
  metadata jsonb
);
CREATE INDEX task_execution_logs_task ON task_execution_logs (task_id, timestamp);

-- Parameters and output stay in the payloads of the effect, where they can be erased; these two columns carry their hashes.
CREATE TABLE tool_executions (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  tool_id uuid NOT NULL REFERENCES tools (id) ON DELETE CASCADE,
  effect_id uuid NOT NULL UNIQUE REFERENCES effects (id) ON DELETE CASCADE,
  parameters jsonb NOT NULL,
  output jsonb,
  error text,
  success boolean NOT NULL,
  duration_seconds real,
  started_at timestamptz,
  completed_at timestamptz NOT NULL
);
CREATE INDEX tool_executions_task ON tool_executions (task_id);
CREATE INDEX tool_executions_tool ON tool_executions (tool_id, completed_at DESC);

DO $$
DECLARE tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['runs', 'tasks', 'task_dependencies', 'task_attempts', 'payloads', 'effects', 'run_events', 'budgets',
    'budget_holds', 'agent_task_assignments', 'task_execution_logs', 'tool_executions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I TO app USING (workspace_id = current_workspace()) WITH CHECK (workspace_id = current_workspace())', tenant_table);
    EXECUTE format('CREATE POLICY every_workspace ON %I TO engine USING (true) WITH CHECK (true)', tenant_table);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO app, engine', tenant_table);
  END LOOP;
END $$;
-- These are written once: what is in them happened.
REVOKE UPDATE ON run_events, task_dependencies, task_execution_logs, tool_executions FROM app, engine;

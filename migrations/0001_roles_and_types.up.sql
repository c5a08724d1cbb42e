-- Extensions, the seven enums of the product, the roles that code runs as, and the two settings that row-level security reads.
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TYPE task_status AS ENUM ('pending', 'in_progress', 'completed', 'failed', 'cancelled');
CREATE TYPE task_complexity AS ENUM ('low', 'medium', 'high');
CREATE TYPE memory_type AS ENUM ('working', 'short_term', 'long_term', 'episodic', 'semantic');
CREATE TYPE memory_scope AS ENUM ('global', 'user', 'task', 'session');
CREATE TYPE agent_role AS ENUM ('planner', 'executor', 'critic', 'summarizer', 'custom');
CREATE TYPE agent_status AS ENUM ('idle', 'active', 'busy', 'error', 'offline');
CREATE TYPE tool_type AS ENUM ('python', 'javascript', 'http', 'sql', 'file', 'search', 'custom');

-- Roles belong to the cluster, not to this database, so another database may have made them already.
-- app: HTTP functions, one workspace a transaction. engine: conductor and ledger, many workspaces a statement, no identity tables.
-- gatekeeper: owns the few functions that look something up before a workspace is known. Nobody bypasses row-level security.
DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['app', 'engine', 'gatekeeper'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', wanted);
    END IF;
    EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO app, engine, gatekeeper;

-- A setting that was set LOCAL comes back as '' on the same connection, hence NULLIF.
CREATE FUNCTION current_workspace() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT NULLIF(current_setting('app.workspace_id', true), '')::uuid $$;
CREATE FUNCTION current_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT NULLIF(current_setting('app.user_id', true), '')::uuid $$;

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;

-- People, their workspaces (the tenant) and their credentials. Every user has a personal workspace whose id is the user's id.
CREATE TABLE users (
  id uuid PRIMARY KEY,
  username varchar(255) NOT NULL UNIQUE,
  email varchar(255) NOT NULL UNIQUE,
  password_hash varchar(255) NOT NULL,
  is_active boolean NOT NULL DEFAULT true,
  is_verified boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_login_at timestamptz
);

CREATE TABLE workspaces (
  id uuid PRIMARY KEY,
  name varchar(255) NOT NULL,
  owner_user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX workspaces_owner ON workspaces (owner_user_id);

CREATE TABLE memberships (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('owner', 'member')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

-- token: sha256 of the session's secret, never the secret.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token varchar(512) NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  ip_address inet,
  user_agent text,
  revoked_at timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE api_keys (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name varchar(255) NOT NULL,
  prefix varchar(32) NOT NULL,
  key_sha256 char(64) NOT NULL UNIQUE,
  scopes text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_keys_workspace ON api_keys (workspace_id, created_at DESC);

CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER workspaces_touch BEFORE UPDATE ON workspaces FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own_user ON users TO app USING (id = current_person()) WITH CHECK (id = current_person());
CREATE POLICY own_workspace ON workspaces TO app USING (id = current_workspace()) WITH CHECK (id = current_workspace());
CREATE POLICY own_memberships ON memberships TO app USING (workspace_id = current_workspace()) WITH CHECK (workspace_id = current_workspace());
CREATE POLICY own_sessions ON sessions TO app
  USING (workspace_id = current_workspace() AND user_id = current_person())
  WITH CHECK (workspace_id = current_workspace() AND user_id = current_person());
CREATE POLICY own_api_keys ON api_keys TO app USING (workspace_id = current_workspace()) WITH CHECK (workspace_id = current_workspace());
CREATE POLICY gatekeeper_users ON users FOR SELECT TO gatekeeper USING (true);

GRANT SELECT, INSERT, UPDATE ON users, workspaces, memberships, sessions, api_keys TO app;
GRANT SELECT ON users TO gatekeeper;

-- Looked up before a workspace is known: login by mail. Answers at most one row and nothing but what a login compares.
CREATE FUNCTION find_login(wanted_email text)
RETURNS TABLE (user_id uuid, password_hash varchar, is_active boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
AS $$ SELECT id, password_hash, is_active FROM users WHERE email = lower(wanted_email) $$;
-- Whether a mail address or a user name is taken, for a registration.
CREATE FUNCTION is_login_taken(wanted_email text, wanted_username text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
AS $$ SELECT EXISTS (SELECT 1 FROM users WHERE email = lower(wanted_email) OR username = wanted_username) $$;
GRANT CREATE ON SCHEMA public TO gatekeeper;
ALTER FUNCTION find_login(text) OWNER TO gatekeeper;
ALTER FUNCTION is_login_taken(text, text) OWNER TO gatekeeper;
REVOKE CREATE ON SCHEMA public FROM gatekeeper;
REVOKE ALL ON FUNCTION find_login(text), is_login_taken(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_login(text), is_login_taken(text, text) TO app;

-- The roles stay: other databases of the cluster may use them.
DROP FUNCTION touch_updated_at();
DROP FUNCTION current_person();
DROP FUNCTION current_workspace();
REVOKE USAGE ON SCHEMA public FROM app, engine, gatekeeper;
DROP TYPE tool_type;
DROP TYPE agent_status;
DROP TYPE agent_role;
DROP TYPE memory_scope;
DROP TYPE memory_type;
DROP TYPE task_complexity;
DROP TYPE task_status;
DROP EXTENSION vector;

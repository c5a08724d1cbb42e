DROP FUNCTION is_login_taken(text, text);
DROP FUNCTION find_login(text);
DROP TABLE api_keys;
DROP TABLE sessions;
DROP TABLE memberships;
DROP TABLE workspaces;
DROP TABLE users;

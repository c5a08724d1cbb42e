-- Whether there is an account, for a registration where only the first may be made. Who asks holds a lock until the transaction ends, so that of two
-- who come first the second finds the other's account: each statement of a volatile function sees what was committed before it.
CREATE FUNCTION is_anybody_registered() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('registration'));
  RETURN EXISTS (SELECT 1 FROM users);
END $$;
GRANT CREATE ON SCHEMA public TO gatekeeper;
ALTER FUNCTION is_anybody_registered() OWNER TO gatekeeper;
REVOKE CREATE ON SCHEMA public FROM gatekeeper;
REVOKE ALL ON FUNCTION is_anybody_registered() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_anybody_registered() TO app;

DROP FUNCTION is_anybody_registered();

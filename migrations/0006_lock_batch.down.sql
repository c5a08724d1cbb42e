DROP FUNCTION lock_batch(uuid[], uuid[], uuid[], uuid[], uuid[], uuid[]);

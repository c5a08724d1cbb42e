import { AppError } from "../errors.ts";

/** Seconds after which another try is worth it: Aurora at 0 ACU resumes in 15. */
const RETRY_AFTER = 15;

/** Of Postgres: a login that is refused, a database that is not there. */
const REFUSED = /^28|^3D000$/;
/** Of TLS: a certificate of nobody we trust, of somebody else, or of another time. */
const DISTRUSTED = /CERT|SIGNATURE|^ERR_TLS_|^ERR_SSL_/;
const WITHOUT_TLS = "The server does not support SSL connections";

/** Why there is no connection, as what a caller is told: what waiting cures is `database-resuming`, the rest needs an operator. */
export function unreachable(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  if (REFUSED.test(code)) return new AppError("wrong-configuration", "The database refuses this login", { cause });
  if (DISTRUSTED.test(code) || (cause instanceof Error && cause.message === WITHOUT_TLS)) {
    return new AppError("wrong-configuration", "What answers at the database's address does not prove to be the database", { cause });
  }
  return new AppError("database-resuming", "The database did not accept a connection in time", { cause, retryAfter: RETRY_AFTER });
}

import { AppError } from "../errors.ts";

const MAX_CAUSES = 8;

type ErrorDescription = { name: string; message: string; code?: string; stack?: string; cause?: ErrorDescription };

/** An error and the chain of its causes as plain data for the log; never for a caller. */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { name: "NotAnError", message: String(error) };
  const code = codeOf(error);
  return {
    name: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    // An expected error says where it came from by its code; a stack is for what nobody expected.
    ...(error instanceof AppError || error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}

/** SQLSTATE of the database, `ECONNRESET` of the system, the code of an AppError. */
function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

import { APIConnectionError, APIConnectionTimeoutError } from "openai";
import * as z from "zod";
import { AppError } from "../../platform/errors.ts";

const RETRYABLE = new Set([408, 409, 425, 429]);

/** What the client throws for a reply that is no success. */
const StatusError = z.object({ status: z.int(), code: z.string().nullish(), message: z.string() });

/**
 * What went wrong with a call, as one of our errors: `provider-unavailable` where the same call may succeed later (the client has already
 * tried again as often as it may), `provider-rejected` where it will not. The detail never holds the key.
 */
export function toProviderError(error: unknown, apiKey: string): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof APIConnectionTimeoutError) return unavailable("The model provider did not answer in time", error);
  if (error instanceof APIConnectionError) return unavailable("The model provider could not be reached", error);
  const refused = StatusError.safeParse(error);
  if (refused.success) return fromStatus(refused.data, apiKey, error);
  // The client lets the parser's own error through when a 200 claims to be JSON and is not, and the socket's when the body breaks off.
  if (error instanceof SyntaxError) return unavailable("The model provider answered 200 with a body that is not JSON", error);
  return unavailable("The model provider's answer could not be read", error);
}

function fromStatus({ status, code, message }: z.infer<typeof StatusError>, apiKey: string, cause: unknown): AppError {
  if (status === 401 || status === 403) {
    return new AppError("provider-rejected", `The model provider answered ${status}: it does not accept the key for this`, {
      cause,
    });
  }
  const detail = `The model provider answered ${status}: ${redact(message, apiKey)}`;
  // A spent account answers 429 for ever; waiting does not fill it.
  const spent = code === "insufficient_quota";
  if ((RETRYABLE.has(status) || status >= 500) && !spent) return new AppError("provider-unavailable", detail, { cause });
  return new AppError("provider-rejected", detail, { cause });
}

const unavailable = (detail: string, cause: unknown): AppError => new AppError("provider-unavailable", detail, { cause });

/** The client puts the status before the vendor's words. */
function redact(message: string, apiKey: string): string {
  return message
    .replace(/^\d{3} /, "")
    .replaceAll(apiKey, "(key)")
    .slice(0, 500);
}

import { SANDBOX_LIMITS } from "./limits.ts";
import { failure, type GuestResult } from "./wire.ts";

export type GuestOutput = {
  readonly logs: string[];
  /** Takes the JSON of one line. False when no further line is kept. */
  log(json: string): boolean;
  /** Takes the JSON of the program's value. */
  answer(json: string): void;
  conclude(durationMs: number): GuestResult;
};

/** Collects what a program says, within its limits: nothing of it is trusted, not even that its JSON is JSON of a line. */
export function createGuestOutput(): GuestOutput {
  const logs: string[] = [];
  let logBytes = 0;
  let isLogFull = false;
  let value: string | undefined;
  let refusal: string | undefined;
  return {
    logs,
    log(json) {
      if (isLogFull) return false;
      const line = String(JSON.parse(json));
      logBytes += Buffer.byteLength(line) + 1;
      isLogFull = logBytes > SANDBOX_LIMITS.logBytes || logs.length >= SANDBOX_LIMITS.logLines - 1;
      logs.push(isLogFull ? "(later lines were not kept)" : line);
      return !isLogFull;
    },
    answer(json) {
      refusal = findExcess(json);
      value = json;
    },
    conclude(durationMs) {
      if (refusal !== undefined) return failure("too_large", refusal, logs);
      if (value === undefined) return failure("no_output", "The program ended without calling output(value)", logs);
      return { ok: true, value, logs, duration_ms: Math.round(durationMs * 1_000) / 1_000 };
    },
  };
}

function findExcess(json: string): string | undefined {
  const bytes = Buffer.byteLength(json);
  if (bytes > SANDBOX_LIMITS.valueBytes) return `The value is ${bytes} bytes of JSON; at most ${SANDBOX_LIMITS.valueBytes} are kept`;
  if (measureDepth(json) > SANDBOX_LIMITS.valueDepth) return `The value is nested more than ${SANDBOX_LIMITS.valueDepth} levels deep`;
  return undefined;
}

/** Levels of arrays and objects in a JSON text, without recursion. */
export function measureDepth(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/g)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth -= 1;
  }
  return deepest;
}

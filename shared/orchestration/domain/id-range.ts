/** The id of a request with an Idempotency-Key may be a day older than what it creates; clocks of two machines differ by less than another. */
const SLACK_MS = 2 * 24 * 60 * 60 * 1_000;

/**
 * Bounds between which lie the ids (UUIDv7) of everything that was created in a range of time, so that a list need not be read from its newest
 * item on. Wider than the range: who reads must compare times as well. Null: no bound.
 */
export function boundIds(after: string | undefined, before: string | undefined): { lowest: string | null; highest: string | null } {
  return {
    lowest: after === undefined ? null : lowestIdAt(Date.parse(after) - SLACK_MS),
    highest: before === undefined ? null : lowestIdAt(Date.parse(before) + SLACK_MS),
  };
}

/** The 48 bits that a UUIDv7 begins with, and nothing after them. */
function lowestIdAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

/**
 * Where a Lambda function runs and what its bundle may hold: the mind reaches the database and no model, hands reach the world and
 * no database, the edge reaches neither, and the sandbox nothing at all.
 */
export type Zone = "mind" | "hands" | "edge" | "sandbox";

/** Every Lambda entry, by its path below `functions/`. The build takes its list from here, so a new function begins with a line. */
export const zones: Readonly<Record<string, Zone>> = {
  "gateway/authorizer": "edge",
  "gateway/http": "mind",
  "auth/http": "mind",
  "orchestrator/http": "mind",
  "orchestrator/conductor": "mind",
  "orchestrator/ledger": "mind",
  "memory/http": "mind",
  "planner/http": "mind",
  "planner/events": "mind",
  "ai-runtime/http": "mind",
  "tool-runner/http": "mind",
  "ai-runtime/llm-worker": "hands",
  "tool-runner/tool-worker": "hands",
  "tool-runner/sandbox": "sandbox",
};

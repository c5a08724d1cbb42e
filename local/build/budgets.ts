import type { FunctionEntry } from "../../functions/function-table.ts";

/** Minified bytes that are loaded at the start, and processor time as a multiple of that of a function which does nothing. */
export type Budget = { readonly bytes: number; readonly ratio: number };

/** What a cold start may cost, by what somebody waits for. `npm run build` holds the bytes, `npm run bench:coldstart` the time. */
export const budgets = {
  /** In front of every request. */
  authorizer: { bytes: 60_000, ratio: 1.35 },
  /** Answers HTTP, with the database. */
  route: { bytes: 200_000, ratio: 2.2 },
  /** Behind a queue or another function. */
  worker: { bytes: 250_000, ratio: 2.5 },
  /** On nobody's way: invoked by a deployment, or by a rotation of keys. */
  upkeep: { bytes: 1_000_000, ratio: Number.POSITIVE_INFINITY },
} as const satisfies Readonly<Record<string, Budget>>;

export type FunctionKind = keyof typeof budgets;

/** A function of the table without a kind here does not compile. */
export const kindOf: Readonly<Record<FunctionEntry, FunctionKind>> = {
  "gateway/authorizer": "authorizer",
  "gateway/http": "route",
  "auth/http": "route",
  "auth/rotate-keys": "upkeep",
  "orchestrator/http": "route",
  "orchestrator/conductor": "worker",
  "orchestrator/ledger": "worker",
  "orchestrator/migrate": "upkeep",
  "memory/http": "route",
  "planner/http": "route",
  "planner/events": "route",
  "ai-runtime/http": "route",
  "ai-runtime/llm-worker": "worker",
  "tool-runner/http": "route",
  "tool-runner/tool-worker": "worker",
  "tool-runner/sandbox": "worker",
};

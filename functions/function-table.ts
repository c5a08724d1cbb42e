/**
 * Where a Lambda function runs and what its bundle may hold: the mind reaches the database and no model, hands reach the world and
 * no database, the edge reaches neither, and the sandbox nothing at all.
 */
export type Zone = "mind" | "hands" | "edge" | "sandbox";

export type FunctionSettings = {
  readonly zone: Zone;
  /** After this it is stopped, wherever it is. */
  readonly timeoutSeconds: number;
  /** Lambda gives processor time in proportion: 1,769 MB are one core. */
  readonly memoryMegabytes: number;
  /** Each environment serves one tenant only; an invoke without a tenant is refused. */
  readonly isPerTenant?: true;
  /** Invoked by AWS to set the deployment up or to keep it up, never by the product: the embedded run does without it. */
  readonly isUpkeep?: true;
};

/** API Gateway gives a buffered answer 29 s: the function gives up before that, so that somebody can still say so. */
const HTTP = { zone: "mind", timeoutSeconds: 28, memoryMegabytes: 512 } as const;

/**
 * Every Lambda function, by the path of its entry below `functions/`. The build, the embedded run and the CDK app take their list from
 * here, so a new function begins with a line.
 */
export const functionTable = {
  "gateway/authorizer": { zone: "edge", timeoutSeconds: 10, memoryMegabytes: 256 },
  "gateway/http": HTTP,
  "auth/http": HTTP,
  "auth/rotate-keys": { zone: "edge", timeoutSeconds: 30, memoryMegabytes: 256, isUpkeep: true },
  "orchestrator/http": HTTP,
  "orchestrator/conductor": { zone: "mind", timeoutSeconds: 90, memoryMegabytes: 1024 },
  "orchestrator/ledger": { zone: "mind", timeoutSeconds: 90, memoryMegabytes: 512 },
  "orchestrator/migrate": { zone: "mind", timeoutSeconds: 600, memoryMegabytes: 512, isUpkeep: true },
  "memory/http": HTTP,
  "planner/http": HTTP,
  "planner/events": { zone: "mind", timeoutSeconds: 90, memoryMegabytes: 512 },
  "ai-runtime/http": HTTP,
  "tool-runner/http": HTTP,
  "ai-runtime/llm-worker": { zone: "hands", timeoutSeconds: 900, memoryMegabytes: 512 },
  "tool-runner/tool-worker": { zone: "hands", timeoutSeconds: 300, memoryMegabytes: 512 },
  "tool-runner/sandbox": { zone: "sandbox", timeoutSeconds: 60, memoryMegabytes: 1024, isPerTenant: true },
} as const satisfies Readonly<Record<string, FunctionSettings>>;

export type FunctionEntry = keyof typeof functionTable;

export const functionEntries: readonly FunctionEntry[] = Object.keys(functionTable).filter(isFunctionEntry);

function isFunctionEntry(entry: string): entry is FunctionEntry {
  return Object.hasOwn(functionTable, entry);
}

/** The functions that the product itself invokes. */
export type ServingEntry = {
  [Entry in FunctionEntry]: (typeof functionTable)[Entry] extends { isUpkeep: true } ? never : Entry;
}[FunctionEntry];

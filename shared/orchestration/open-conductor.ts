import * as z from "zod";
import { ModelName } from "../llm/contract.ts";
import type { Cache } from "../platform/cache/cache.ts";
import { openCache } from "../platform/cache/open-cache.ts";
import { readEnv } from "../platform/config/env.ts";
import { sharedDatabase } from "../platform/db/shared-database.ts";
import { uuidv7 } from "../platform/ids.ts";
import { log } from "../platform/log/logger.ts";
import { loadPriceTable } from "../usage/load-prices.ts";
import { createAwsOutbox } from "./aws-outbox.ts";
import type { ConductorDeps } from "./deps.ts";
import { createPrices } from "./exact-prices.ts";

export const ConductorEnv = z.object({
  DATABASE_URL: z.string(),
  CACHE_URL: z.string().default("memory:"),
  CONTROL_QUEUE_URL: z.url(),
  LLM_QUEUE_URL: z.url(),
  TOOL_QUEUE_URL: z.url(),
  STATE_MACHINE_ARN: z.string(),
  DEFAULT_MODEL: ModelName,
  LEASE_SECONDS: z.coerce.number().positive().default(90),
  WATCHDOG_SECONDS: z.coerce.number().min(1).max(900).default(60),
});

export type Conductor = ConductorDeps & { cache: Cache; defaultModel: string };

let opened: Promise<Conductor> | undefined;

/** What every mind function of orchestration works with, opened once a process. A failed opening is tried anew by the next call. */
export function openConductor(): Promise<Conductor> {
  if (opened === undefined) {
    opened = open();
    opened.catch(() => {
      opened = undefined;
    });
  }
  return opened;
}

async function open(): Promise<Conductor> {
  const env = readEnv(ConductorEnv);
  const [db, cache, table] = await Promise.all([
    sharedDatabase(env.DATABASE_URL),
    openCache(env.CACHE_URL),
    loadPriceTable([env.DEFAULT_MODEL], new Date()),
  ]);
  const outbox = createAwsOutbox(
    {
      controlQueueUrl: env.CONTROL_QUEUE_URL,
      llmQueueUrl: env.LLM_QUEUE_URL,
      toolQueueUrl: env.TOOL_QUEUE_URL,
      stateMachineArn: env.STATE_MACHINE_ARN,
    },
    cache,
  );
  return {
    db,
    cache,
    outbox,
    prices: createPrices(table),
    defaultModel: env.DEFAULT_MODEL,
    newId: uuidv7,
    now: () => new Date(),
    leaseSeconds: env.LEASE_SECONDS,
    watchdogSeconds: env.WATCHDOG_SECONDS,
    log: (message, fields) => log.warn(message, fields),
  };
}

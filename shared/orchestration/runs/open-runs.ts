import * as z from "zod";
import { ModelName } from "../../llm/contracts/model-name.ts";
import { sharedCache } from "../../platform/cache/shared-cache.ts";
import { readEnv } from "../../platform/config/env.ts";
import { sharedDatabase } from "../../platform/db/shared-database.ts";
import { uuidv7 } from "../../platform/ids.ts";
import { log } from "../../platform/log/logger.ts";
import { createAwsOutbox } from "../aws/aws-outbox.ts";
import type { RunDeps } from "../deps.ts";

const RunsEnv = z.object({
  DATABASE_URL: z.string(),
  CACHE_URL: z.string().default("memory:"),
  CONTROL_QUEUE_URL: z.url(),
  LLM_QUEUE_URL: z.url(),
  TOOL_QUEUE_URL: z.url(),
  STATE_MACHINE_ARN: z.string(),
  DEFAULT_MODEL: ModelName,
  WATCHDOG_SECONDS: z.coerce.number().min(1).max(900).default(60),
});

/** `defaultModel`: what agents without a model of their own think with. */
export type Runs = RunDeps & { defaultModel: string };

/** What a function creates and changes runs with. */
export async function openRuns(): Promise<Runs> {
  const env = readEnv(RunsEnv);
  const addresses = {
    controlQueueUrl: env.CONTROL_QUEUE_URL,
    llmQueueUrl: env.LLM_QUEUE_URL,
    toolQueueUrl: env.TOOL_QUEUE_URL,
    stateMachineArn: env.STATE_MACHINE_ARN,
  };
  return {
    db: await sharedDatabase(env.DATABASE_URL),
    outbox: createAwsOutbox(addresses, () => sharedCache(env.CACHE_URL)),
    newId: uuidv7,
    now: () => new Date(),
    watchdogSeconds: env.WATCHDOG_SECONDS,
    log: (message, fields) => log.warn(message, fields),
    defaultModel: env.DEFAULT_MODEL,
  };
}

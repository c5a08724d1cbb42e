import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { sharedCache } from "../../platform/cache/shared-cache.ts";
import { readEnv } from "../../platform/config/env.ts";
import { sharedDatabase } from "../../platform/db/shared-database.ts";
import type { FollowDeps } from "./follow-run.ts";

const FollowEnv = z.object({
  DATABASE_URL: z.string(),
  CACHE_URL: z.string().default("memory:"),
  EVENT_POLL_MILLISECONDS: z.coerce.number().int().min(10).default(500),
});

/** What a mind function follows runs with. */
export async function openFollow(): Promise<FollowDeps> {
  const env = readEnv(FollowEnv);
  return {
    db: await sharedDatabase(env.DATABASE_URL),
    openCache: () => sharedCache(env.CACHE_URL),
    now: Date.now,
    sleep: (milliseconds) => sleep(milliseconds),
    pollEvery: env.EVENT_POLL_MILLISECONDS,
  };
}

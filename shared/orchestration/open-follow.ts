import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { readEnv } from "../platform/config/env.ts";
import type { FollowDeps } from "./follow-run.ts";
import { openConductor } from "./open-conductor.ts";

const FollowEnv = z.object({ EVENT_POLL_MILLISECONDS: z.coerce.number().int().min(10).default(500) });

/** What a mind function follows runs with. */
export async function openFollow(): Promise<FollowDeps> {
  const { db, cache } = await openConductor();
  return {
    db,
    cache,
    now: Date.now,
    sleep: (milliseconds) => sleep(milliseconds),
    pollEvery: readEnv(FollowEnv).EVENT_POLL_MILLISECONDS,
  };
}

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { bindEvents } from "../../shared/orchestration/bind-events.ts";
import { openConductor } from "../../shared/orchestration/open-conductor.ts";
import { streamRoute } from "../../shared/platform/api/handle-stream.ts";
import { readEnv } from "../../shared/platform/config/env.ts";

const EventsEnv = z.object({ EVENT_POLL_MILLISECONDS: z.coerce.number().int().min(10).default(500) });

async function open() {
  const { db, cache } = await openConductor();
  return {
    db,
    cache,
    now: Date.now,
    sleep: (milliseconds: number) => sleep(milliseconds),
    pollEvery: readEnv(EventsEnv).EVENT_POLL_MILLISECONDS,
  };
}

export const handler = streamRoute("planner", bindEvents(open));

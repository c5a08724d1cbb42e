import { afterAll, beforeAll, expect, test } from "vitest";
import { takeOver } from "../../shared/orchestration/watchdog/take-over.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { openTestDatabase } from "../database.ts";
import { openWorld, postGoal } from "../world/open-world.ts";

let database: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ database, close } = await openTestDatabase());
});
afterAll(() => close());

test("a run that cannot be taken over keeps its watchdog, and keeps no other run from going on", async () => {
  const { deps, ...world } = await openWorld(database);
  const [broken, sound] = [await postGoal({ deps, ...world }, "one"), await postGoal({ deps, ...world }, "two")];
  const started: string[] = [];
  const watched: string[] = [];
  const outbox = {
    ...deps.outbox,
    startExecution: async ({ run_id }: { run_id: string }) => {
      if (run_id === broken) throw new Error("refused");
      started.push(run_id);
    },
    sendWatchdog: async ({ run_id }: { run_id: string }) => void watched.push(run_id),
  };

  await takeOver({ ...deps, outbox });

  expect(new Set(started)).toEqual(new Set([sound]));
  expect(watched.toSorted()).toEqual([broken, sound].toSorted());
});

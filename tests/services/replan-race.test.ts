import { afterAll, beforeAll, expect, test } from "vitest";
import { replanRun } from "../../shared/orchestration/replan/replan-run.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { actorOf } from "../world/forks.ts";
import { inspectRun, listViolations, readBooks, readLoads } from "../world/inspect.ts";
import { openWorld, pricesOf } from "../world/open-world.ts";
import { race } from "../world/race.ts";
import { callToolThenSucceed, planOf } from "../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await createFreshDatabase(14);
});
afterAll(() => fresh.drop());

const plan = planOf({ a: [], b: [], c: ["a"], d: ["b"], e: ["c", "d"] });
const replan = planOf({ x: [], y: ["x"] });

test("a person's replan in the middle of everything: nothing of the plan before lands after it, and every run completes", async () => {
  const world = await openWorld(fresh.deployed, { prices: pricesOf(100n, 60n), executorCapacity: 20 });
  const { workspaceId } = world;
  const runIds = Array.from({ length: 12 }, () => uuidv7());
  const goal = { goal: "letters", files: [], model: "local:scripted", limit: 1_000_000n, replans: 1 };
  await Promise.all(runIds.map((runId) => createRun(world.deps, { runId, workspaceId, userId: workspaceId, ...goal })));
  const asked: Promise<string>[] = [];
  const askAll = () =>
    runIds.map((runId) =>
      replanRun(world.deps, actorOf(world), runId, { id: uuidv7() }).then(
        () => "ok",
        (error: unknown) => {
          if (error instanceof AppError) return error.code;
          throw error;
        },
      ),
    );
  await race(
    world,
    { plan, replan, executor: callToolThenSucceed },
    {
      workers: 6,
      onProgress(taken) {
        if (taken % 40 === 0) asked.push(...askAll());
      },
    },
  );

  const answers = await Promise.all(asked);
  expect(answers.filter((answer) => answer === "ok").length).toBeGreaterThan(3);
  let replanned = 0;
  for (const runId of runIds) {
    const { run, facts } = await inspectRun(world, runId);
    expect([run.status, listViolations(facts)]).toEqual(["completed", []]);
    const at = facts.find(({ fact }) => fact.type === "replanned")?.number ?? Number.POSITIVE_INFINITY;
    replanned += Number(at < Number.POSITIVE_INFINITY);
    const late = facts.filter(
      ({ fact, number }) =>
        number > at && (fact.type === "task-completed" || fact.type === "task-started") && fact.ordinal > 0 && fact.ordinal <= 5,
    );
    expect(late).toEqual([]);
    const { held, reserved, spent, settled, billed } = await readBooks(world, runId);
    expect({ held, reserved, spent, billed }).toEqual({ held: 0n, reserved: 0n, spent: settled, billed: settled });
  }
  expect(replanned).toBe(answers.filter((answer) => answer === "ok").length);
  expect(await readLoads(world)).toEqual([]);
}, 120_000);

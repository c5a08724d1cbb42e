import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { ClaimedEffect, EffectReport } from "../../../shared/effects/contract.ts";
import { createEffectWorker } from "../../../shared/effects/hands/carry-out-effects.ts";
import type { ControlMessage } from "../../../shared/orchestration/conductor/control-message.ts";
import { processControl } from "../../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../../shared/orchestration/conductor/process-reports.ts";
import { claimForHands } from "../../../shared/orchestration/ledger/claim-effects.ts";
import { setLogSink } from "../../../shared/platform/log/logger.ts";
import { type EffectToSend, openWorld, postGoal, type World } from "../../world/open-world.ts";
import { lookAfter } from "../../world/reach-execution.ts";
import { callToolThenSucceed, carryOut, planOf, type Script, succeedWith } from "../../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "../fresh-database.ts";
import { type CountingServer, openCountingServer } from "./counting-server.ts";
import { makeToolsOnce } from "./make-tools-once.ts";
import { createMortal, type Mortal, mortalDatabase, mortalOutbox } from "./mortal-process.ts";
import { toSqsEvent } from "./to-sqs-event.ts";

/** `npm run test:kill` asks for the long form. */
const POINTS = process.env["CRASH_POINTS"] === "all" ? Infinity : 30;
/** Looks of the watchdog after which nothing moves any more. */
const LOOKS = 3;

/** Two tasks in a row; the first contacts the server before it answers. */
const script: Script = {
  plan: planOf({ a: [], b: ["a"] }),
  executor: (call) => (call.inputs.length > 0 ? succeedWith("b") : callToolThenSucceed(call)),
};

let fresh: FreshDatabase;
let server: CountingServer;
beforeAll(async () => {
  // The dead complain that they are.
  setLogSink(() => undefined);
  [fresh, server] = await Promise.all([createFreshDatabase(4), openCountingServer()]);
  await makeToolsOnce(fresh.owner);
});
afterAll(() => Promise.all([fresh.drop(), server.close()]));

test(`what must happen once is delivered at most once, wherever its process is killed`, {
  timeout: 1_200_000,
}, async () => {
  const whole = await live(Infinity, "back");
  expect(whole.tool).toMatchObject([{ state: "done" }]);
  const points = whole.points * 2;
  expect(points).toBeGreaterThan(500);

  const ends: (Life & { at: number })[] = [];
  const chosen = Math.min(POINTS, points);
  for (let index = 0; index < chosen; index += 1) {
    // Each point twice: its messages come back, as from a queue, or are lost, as from a process that had deleted them.
    const at = Math.floor((index * points) / chosen);
    ends.push({ at, ...(await live(at >> 1, at % 2 === 0 ? "back" : "lost")) });
  }

  const tools = ends.flatMap((end) => end.tool);
  const counts = tools.map((tool) => server.deliveries.get(tool.id) ?? 0);
  const unknown = ends.filter((end) => end.tool.some((tool) => tool.state === "unknown"));
  const silent = tools.filter((tool) => tool.state === "done" && server.deliveries.get(tool.id) === undefined);
  const listed = unknown.map(
    (end) =>
      `${end.tool.map((tool) => tool.id).join()} killed ${end.diedAt}, delivered ${end.tool.map((tool) => server.deliveries.get(tool.id) ?? 0).join()}`,
  );
  console.log(
    `${ends.length} of ${points} crash points, ${ends.filter((end) => end.diedAt !== undefined).length} crashes: deliveries of one effect at most ` +
      `${Math.max(...counts)}; acknowledged without a delivery ${silent.length}; unknown ${unknown.length}\n${listed.map((line) => `  unknown: ${line}`).join("\n")}`,
  );
  expect(Math.max(...server.deliveries.values())).toBe(1);
  expect(silent).toEqual([]);
  expect(ends.filter((end) => end.diedAt === undefined)).toEqual([]);
  expect(unknown.length).toBeLessThanOrEqual(ends.length);
  // Whoever is not unknown has gone on to the end.
  expect(ends.filter((end) => end.status !== "completed" && !unknown.includes(end)).map((end) => [end.at, end.diedAt, end.status])).toEqual(
    [],
  );
});

type Life = { status: string; tool: { id: string; state: string }[]; points: number; diedAt: string | undefined };

/** A run from its plan to its end, in a process that is killed at point `at` and followed by others. */
async function live(at: number, messages: "back" | "lost"): Promise<Life> {
  const mortal = createMortal(at);
  const { deps, ...lists } = await openWorld(fresh.deployed);
  const safe: World = { ...lists, deps };
  const runId = await postGoal(safe, "deliver once");
  const world: World = { ...lists, deps: { ...deps, db: mortalDatabase(deps.db, mortal), outbox: mortalOutbox(deps.outbox, mortal) } };
  const results: EffectReport[] = [];
  for (let looks = 0; looks <= LOOKS; looks += 1) {
    while (world.control.length + world.effects.length + results.length > 0) {
      await take(mortal, world.control, messages, (batch: ControlMessage[]) => processControl(world.deps, batch));
      await take(mortal, world.effects, messages, (batch: EffectToSend[]) => workOff(world, mortal, batch, results));
      await take(mortal, results, messages, (batch: EffectReport[]) => processReports(world.deps, batch));
    }
    if ((await readEnd(runId)).status === "completed") break;
    await attempt(mortal, () => lookAfter(world, runId, 91));
  }
  return { ...(await readEnd(runId)), points: mortal.count(), diedAt: mortal.diedAt() };
}

/** Hands a batch over; if its process dies of it, the batch comes back once, or never. */
async function take<Message>(
  mortal: Mortal,
  queue: Message[],
  messages: "back" | "lost",
  work: (batch: Message[]) => Promise<unknown>,
): Promise<void> {
  const batch = queue.splice(0, 10);
  if (batch.length === 0) return;
  const died = await attempt(mortal, () => work(batch));
  if (died && messages === "back") queue.push(...batch);
}

async function attempt(mortal: Mortal, work: () => Promise<unknown>): Promise<boolean> {
  await work().catch(() => undefined);
  const died = mortal.isDead();
  mortal.revive();
  return died;
}

/** The hands' own loop: claim, contact, report. The tool of this test contacts the server. */
async function workOff(world: World, mortal: Mortal, batch: EffectToSend[], results: EffectReport[]): Promise<void> {
  const work = createEffectWorker({
    claim: (wanted) => claimForHands(world.deps, wanted),
    extend: async (leases) => leases.map(({ effect_id }) => ({ effect_id, stop: false })),
    async report(report) {
      mortal.pass("before a report");
      results.push(report);
      mortal.pass("after a report");
    },
    carryOut: (effect) => contact(mortal, effect),
    extendEverySeconds: 60,
    repeat: () => () => undefined,
    concurrency: 1,
  });
  await work(toSqsEvent(batch.map(({ effect_id, try: attempt }) => ({ effect_id, try: attempt }))));
}

async function contact(mortal: Mortal, effect: ClaimedEffect) {
  mortal.pass(`before the call of a ${effect.kind}`);
  if (effect.kind === "tool") await (await fetch(server.url, { method: "POST", headers: { "idempotency-key": effect.effect_id } })).text();
  mortal.pass(`after the call of a ${effect.kind}`);
  return carryOut(script, effect);
}

const End = z.tuple([z.object({ status: z.string(), tool: z.array(z.object({ id: z.uuid(), state: z.string() })) })]);

async function readEnd(runId: string): Promise<z.infer<typeof End>[0]> {
  const { rows } = await fresh.deployed.transact({ role: "engine" }, (db) =>
    db.query(
      `SELECT status, (SELECT COALESCE(jsonb_agg(jsonb_build_object('id', id, 'state', state)), '[]') FROM effects
        WHERE run_id = runs.id AND kind = 'tool') AS tool FROM runs WHERE id = $1`,
      [runId],
    ),
  );
  return End.parse(rows)[0];
}

import { afterEach, expect, test } from "vitest";
import * as z from "zod";
import { queueTable } from "../../../functions/queue-table.ts";
import { namesOf } from "../../../infra/functions/map-table.ts";
import { type Subscription, subscribe } from "../../../local/aws/subscribe.ts";
import { createAwsOutbox } from "../../../shared/orchestration/aws/aws-outbox.ts";
import { sharedCache } from "../../../shared/platform/cache/shared-cache.ts";
import { createRandom } from "../../offline/random.ts";
import { countEffects, inspectRun, listViolations, readBooks, readLoads } from "../../world/inspect.ts";
import { openWorld, postGoal, type World } from "../../world/open-world.ts";
import { createFreshDatabase, type FreshDatabase } from "../fresh-database.ts";
import { CALL_COST, EFFECTS_OF_A_RUN, MODEL_CALLS_OF_A_RUN } from "./kill-script.ts";
import { makeToolsOnce } from "./make-tools-once.ts";
import { type KillCloud, openKillCloud } from "./open-cloud.ts";
import { startWorkers, type Workers } from "./start-workers.ts";

/** `npm run test:kill` asks for the long form. */
const RUNS = Number(process.env["KILL_RUNS"] ?? 8);
const SEED = Number(process.env["KILL_SEED"] ?? 1);
const ALIVE_AT_ONCE = 20;
const WORKERS = 4;
const LEASE_SECONDS = 2;
const WATCHDOG_SECONDS = 1;
/** Until what a killed worker held is delivered again; on AWS it takes longer than the watchdog, as it does here. */
const VISIBILITY_SECONDS = 5;
/** As many kills as runs, and a few more. */
const CALLS_PER_KILL = 10;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

test(`${RUNS} runs whose workers are killed again and again lose nothing, double nothing, and are found again`, {
  timeout: 300_000 + RUNS * 10_000,
}, async () => {
  const scene = await openScene();
  const kills = await surviveKills(scene, RUNS);

  const { lost, doubled } = await judge(scene, kills.runIds);
  const recoveries = await measureRecoveries(scene, kills.held);
  console.log(
    `${RUNS} runs, ${ALIVE_AT_ONCE} alive at once, lease ${LEASE_SECONDS} s, watchdog ${WATCHDOG_SECONDS} s, KILL_SEED=${SEED}: ` +
      `${kills.count} workers killed with ${kills.held.length} calls of theirs open; ${lost.length} lost, ${doubled.length} doubled; ` +
      `a lost call was answered after ${describe(recoveries)}; ` +
      `${scene.cloud.countDead()} messages were received too often`,
  );
  expect({ lost, doubled }).toEqual({ lost: [], doubled: [] });
  expect(kills.count).toBeGreaterThanOrEqual(RUNS / 2);
  expect(recoveries.length).toBeGreaterThan(0);
  expect(await readLoads(scene.world)).toEqual([]);
});

test(`what must happen once is delivered at most once by workers that are killed with it in their hands`, {
  timeout: 300_000 + RUNS * 10_000,
}, async () => {
  const scene = await openScene();
  await makeToolsOnce(scene.fresh.owner);
  const { runIds, count } = await surviveKills(scene, Math.ceil(RUNS / 4));

  const Once = z.object({ id: z.uuid(), state: z.string() });
  const effects = await ask(scene.world, Once, "SELECT id, state FROM effects WHERE safety = 'once' AND run_id = ANY ($1)", [runIds]);
  const deliveries = effects.map(({ id }) => scene.cloud.callsOf(id));
  const unknown = effects.filter(({ state }) => state === "unknown");
  const silent = effects.filter(({ id, state }) => state === "done" && scene.cloud.callsOf(id) === 0);
  console.log(
    `${effects.length} effects that must happen once, ${count} workers killed: deliveries of one at most ${Math.max(...deliveries)}; ` +
      `acknowledged without a delivery ${silent.length}; unknown ${unknown.length}: ${unknown.map(({ id }) => id).join(", ") || "none"}`,
  );
  expect(Math.max(...deliveries)).toBe(1);
  expect(silent).toEqual([]);
  expect(effects.filter(({ state }) => state !== "done" && state !== "unknown")).toEqual([]);
});

type Scene = { fresh: FreshDatabase; world: World; cloud: KillCloud; workers: Workers; onCall: { act: () => void } };

async function openScene(): Promise<Scene> {
  const fresh = await createFreshDatabase(4);
  closing.push(() => fresh.drop());
  const random = createRandom(SEED);
  const onCall = { act: () => {} };
  const cloud = await openKillCloud({
    visibilitySeconds: VISIBILITY_SECONDS,
    answerAfter: () => 20 + random.below(200),
    onCall: () => onCall.act(),
  });
  closing.push(() => cloud.close());
  const addresses = {
    controlQueueUrl: cloud.queue("control").url,
    llmQueueUrl: cloud.queue("effects-llm").url,
    toolQueueUrl: cloud.queue("effects-tool").url,
    stateMachineArn: cloud.stateMachineArn,
  };
  const { deps, ...world } = await openWorld(fresh.database, { executorCapacity: 100 });
  await fresh.owner.transact({ role: "owner" }, (db) => db.query("UPDATE agents SET max_concurrent_tasks = 100"));
  const outbox = createAwsOutbox(addresses, () => sharedCache("memory:"));
  const workers = await startWorkers(WORKERS, {
    DATABASE_URL: fresh.url,
    CONTROL_QUEUE_URL: addresses.controlQueueUrl,
    RESULTS_QUEUE_URL: cloud.queue("results").url,
    LLM_QUEUE_URL: addresses.llmQueueUrl,
    TOOL_QUEUE_URL: addresses.toolQueueUrl,
    STATE_MACHINE_ARN: cloud.stateMachineArn,
    DEFAULT_MODEL: "local:scripted",
    LEASE_SECONDS: String(LEASE_SECONDS),
    WATCHDOG_SECONDS: String(WATCHDOG_SECONDS),
    EXTEND_EVERY_SECONDS: "0.5",
    MODEL_URL: cloud.modelUrl,
    AWS_ENDPOINT_URL: cloud.awsUrl,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "worker",
    AWS_SECRET_ACCESS_KEY: "worker",
    LOG_LEVEL: "error",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  });
  closing.push(() => workers.close());
  const subscriptions = namesOf(queueTable).map(
    (name): Subscription =>
      subscribe(cloud.queue(name), (event) => workers.invoke(name, event), { maxConcurrency: 4, batchSize: queueTable[name].batchSize }),
  );
  closing.push(async () => {
    await workers.close();
    await Promise.all(subscriptions.map((subscription) => subscription.stop()));
  });
  const ownDeps = { ...deps, outbox, now: () => new Date(), watchdogSeconds: WATCHDOG_SECONDS };
  return { fresh, cloud, workers, onCall, world: { ...world, deps: ownDeps } };
}

type Held = { effectId: string; killedAt: number };

/** Posts goals, never more than so many unfinished, and kills a worker after every so many calls of the model, until all have ended. */
async function surviveKills(
  { world, cloud, workers, onCall }: Scene,
  runs: number,
): Promise<{ runIds: string[]; held: Held[]; count: number }> {
  const random = createRandom(SEED + 1);
  const runIds: string[] = [];
  const held: Held[] = [];
  let nextKill = CALLS_PER_KILL;
  let count = 0;
  const killing: Promise<void>[] = [];
  onCall.act = () => {
    if (cloud.calls() < nextKill) return;
    nextKill = cloud.calls() + Math.ceil(CALLS_PER_KILL / 2) + random.below(CALLS_PER_KILL);
    const alive = workers.alive();
    if (alive.length === 0) return;
    // Two of three die at work, the third wherever it is.
    const atWork = alive.filter((worker) => cloud.openCalls(worker.name).length > 0);
    const victim = random.pick(atWork.length > 0 && random.below(3) > 0 ? atWork : alive);
    count += 1;
    killing.push(workers.kill(victim));
    held.push(...cloud.openCalls(victim.name).map((effectId) => ({ effectId, killedAt: Date.now() })));
  };
  for (let isOver = false; !isOver; ) {
    const unfinished = await countUnfinished(world);
    isOver = runIds.length === runs && unfinished === 0;
    for (let free = ALIVE_AT_ONCE - unfinished; free > 0 && runIds.length < runs; free -= 1) {
      runIds.push(await postGoal(world, `goal ${runIds.length}`, 1_000_000n));
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  onCall.act = () => {};
  await Promise.all(killing);
  return { runIds, held, count };
}

async function ask<Row>(world: World, schema: z.ZodType<Row>, text: string, values: unknown[]): Promise<Row[]> {
  return world.deps.db.transact({ role: "engine" }, async (db) => z.array(schema).parse((await db.query(text, values)).rows));
}

/** A run in which something unknown waits for a person, and nothing else, goes on no more by itself. */
const UNFINISHED = `SELECT count(*)::int AS count FROM runs r WHERE finished_at IS NULL AND NOT (
  EXISTS (SELECT 1 FROM effects WHERE run_id = r.id AND state = 'unknown')
  AND NOT EXISTS (SELECT 1 FROM effects WHERE run_id = r.id AND state IN ('due', 'running'))
  AND NOT EXISTS (SELECT 1 FROM task_attempts a WHERE a.run_id = r.id AND a.status = 'running'
    AND NOT EXISTS (SELECT 1 FROM effects WHERE attempt_id = a.id AND state = 'unknown')))`;

async function countUnfinished(world: World): Promise<number> {
  const [row] = await ask(world, z.object({ count: z.int() }), UNFINISHED, []);
  return row?.count ?? 0;
}

/** What each run must look like if nobody had been killed; the only trace of a kill is a try that was lost and booked. */
async function judge({ world }: Scene, runIds: readonly string[]): Promise<{ lost: string[]; doubled: string[] }> {
  const lost: string[] = [];
  const doubled: string[] = [];
  for (const runId of runIds) {
    const { run, facts } = await inspectRun(world, runId);
    const [effects, books] = [await countEffects(world, runId), await readBooks(world, runId)];
    if (run.status !== "completed") lost.push(`${runId} is ${run.status}: ${JSON.stringify(run.error)}`);
    if (effects["done"] !== EFFECTS_OF_A_RUN || Object.keys(effects).length > 1)
      lost.push(`${runId} has effects ${JSON.stringify(effects)}`);
    if (books.held !== 0n || books.spent !== books.settled)
      lost.push(`${runId} still holds ${books.held}, or spent what it did not settle`);
    doubled.push(...listViolations(facts).map((violation) => `${runId}: ${violation}`));
    const again = run.tasks.filter((task) => task.attempts > 1).map((task) => `${runId}: task ${task.ordinal} was attempted again`);
    doubled.push(...again);
    const due = CALL_COST * BigInt(MODEL_CALLS_OF_A_RUN);
    if (books.billed !== due || books.spent !== books.billed + books.lost) doubled.push(`${runId} was billed ${books.billed} for ${due}`);
  }
  return { lost, doubled };
}

/** Seconds from the kill of a hand until the answer of each effect that it held was stored. */
async function measureRecoveries({ world }: Scene, held: readonly Held[]): Promise<number[]> {
  const Answer = z.object({ id: z.uuid(), answered: z.number() });
  const sql = "SELECT id, EXTRACT(EPOCH FROM answered_at)::float8 * 1000 AS answered FROM effects WHERE id = ANY ($1)";
  const answers = await ask(world, Answer, sql, [held.map(({ effectId }) => effectId)]);
  const answered = new Map(answers.map((row) => [row.id, row.answered]));
  return held.map(({ effectId, killedAt }) => ((answered.get(effectId) ?? Infinity) - killedAt) / 1_000).toSorted((a, b) => a - b);
}

function describe(seconds: readonly number[]): string {
  const median = seconds[Math.floor(seconds.length / 2)] ?? NaN;
  return `${median.toFixed(2)} s (median) and ${(seconds.at(-1) ?? NaN).toFixed(2)} s (at most)`;
}

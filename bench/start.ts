import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { followRun } from "../cli/progress.ts";
import { projectRoot } from "../local/state-folder.ts";
import { type Bar, formatBars, missesMust } from "./bars.ts";
import { readCpuSeconds, readMemory } from "./measure-process.ts";
import { probeHealth, type ServerProcess, startServer } from "./server-process.ts";

const STARTS = 5;
const CONCURRENT_GOALS = 50;
const IDLE_SECONDS = 10;
/** By then the watchdogs of the last runs have found nothing to do. */
const SETTLE_SECONDS = 12;

const SAMPLE_GOAL =
  "1. Read penguins.csv. 2. Using step 1, compute the mean body_mass_g per species. 3. In parallel with step 2, count the rows per island. 4. Using steps 2 and 3, write a report with both tables to report.md";

/** `npm run bench:start`: how soon the embedded run is there, what it needs, and how it bears load. Answers 1 when a bar is missed. */
export async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "cognition-bench-"));
  try {
    const bars = await measure(folder);
    process.stdout.write(`${formatBars(bars)}\n${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}\n`);
    return bars.some(missesMust) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<Bar[]> {
  // The first start bundles and makes the folder, which is not what is measured.
  await (await startServer(folder)).stop();
  const starts: number[] = [];
  const samples: number[] = [];
  const memories: number[] = [];
  const begin = async () => {
    const server = await startServer(folder);
    starts.push(server.startMs);
    samples.push(await pursueSample(server));
    memories.push(readMemory(server.pid));
    return server;
  };
  for (let index = 1; index < STARTS; index += 1) await (await begin()).stop();
  const server = await begin();
  try {
    const load = await bearLoad(server);
    const idle = await readIdleCpu(server.pid);
    return [
      { name: `from node to listening, median of ${STARTS}`, unit: "s", measured: median(starts) / 1_000, must: 2, goal: 1 },
      { name: `the sample goal after that, median of ${STARTS}`, unit: "s", measured: median(samples) / 1_000, must: 2, goal: 1 },
      { name: "memory of the server after it", unit: "MB", measured: median(memories), must: 400, goal: 250 },
      { name: `${CONCURRENT_GOALS} goals at once`, unit: "goals/s", measured: load.goalsPerSecond },
      { name: `GET /health meanwhile, 99 % of ${load.probes}`, unit: "ms", measured: load.healthMs, must: 100 },
      { name: "memory of the server after them", unit: "MB", measured: readMemory(server.pid) },
      { name: `CPU while idle, ${IDLE_SECONDS} s`, unit: "% of a core", measured: idle, must: 1 },
    ];
  } finally {
    await server.stop();
  }
}

/** Milliseconds from the request until its last fact was read. */
async function pursueSample({ client }: ServerProcess): Promise<number> {
  const content = readFileSync(join(projectRoot(), "examples/penguins.csv"), "utf8");
  const started = performance.now();
  const runId = await postGoal(client, { goal: SAMPLE_GOAL, files: [{ path: "penguins.csv", content }] });
  await followRun(client, runId, () => undefined);
  const milliseconds = performance.now() - started;
  const { status } = await client.get(`/v1/runs/${runId}`, z.object({ status: z.string() }));
  if (status !== "completed") throw new Error(`The sample goal is ${status}`);
  return milliseconds;
}

async function bearLoad({ url, client }: ServerProcess): Promise<{ goalsPerSecond: number; healthMs: number; probes: number }> {
  const probe = await probeHealth(url);
  const started = performance.now();
  const goals = Array.from({ length: CONCURRENT_GOALS }, (_, index) => `Write "goal ${index}" to note-${index}.txt`);
  const runs = new Set(await Promise.all(goals.map((goal) => postGoal(client, { goal }))));
  await untilAllCompleted(client, runs);
  const seconds = (performance.now() - started) / 1_000;
  const latencies = await probe.stop();
  return { goalsPerSecond: CONCURRENT_GOALS / seconds, healthMs: percentile(latencies, 0.99), probes: latencies.length };
}

const Page = z.object({ items: z.array(z.object({ id: z.string(), status: z.string() })) });

async function untilAllCompleted(client: ServerProcess["client"], runs: ReadonlySet<string>): Promise<void> {
  for (;;) {
    const { items } = await client.get(`/v1/runs?limit=${CONCURRENT_GOALS}`, Page);
    const ended = items.filter((run) => runs.has(run.id) && !["pending", "running"].includes(run.status));
    const failed = ended.find((run) => run.status !== "completed");
    if (failed !== undefined) throw new Error(`The goal ${failed.id} is ${failed.status}`);
    if (ended.length === runs.size) return;
    await sleep(100);
  }
}

async function postGoal(client: ServerProcess["client"], goal: object): Promise<string> {
  return (await client.post("/v1/tasks", goal, z.object({ run_id: z.string() }))).run_id;
}

/** Percent of one core. */
async function readIdleCpu(pid: number): Promise<number> {
  await sleep(SETTLE_SECONDS * 1_000);
  const before = readCpuSeconds(pid);
  const started = performance.now();
  await sleep(IDLE_SECONDS * 1_000);
  return ((readCpuSeconds(pid) - before) / ((performance.now() - started) / 1_000)) * 100;
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

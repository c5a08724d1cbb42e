import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";
import { projectRoot } from "../local/state-folder.ts";
import { createFreshDatabase, type FreshDatabase } from "../tests/services/fresh-database.ts";
import { startPostgres } from "../tests/services/start-postgres.ts";
import { type UnpackedServices, unpackServices } from "../tests/services/unpack-services.ts";
import { type Bar, formatBars, missesMust } from "./bars.ts";
import { type Floors, measureFloors, PGBENCH_SCRIPT } from "./dag/floors.ts";
import { openBench } from "./dag/open-bench.ts";
import { runDags } from "./dag/run-dags.ts";
import { criticalPath, layersOf, skewedTimes } from "./dag/shapes.ts";
import { describeUsage, readWish, type Wish } from "./dag/wish.ts";
import { barsOf, floorBars, median, type Sample, type Workload, workloads } from "./dag/workloads.ts";

/** Takes as long as its tasks do, so it is repeated less. */
const MOST_SKEWED = 3;
const NAMES = [...Object.keys(workloads), "skewed", "join"];

type Place = { fresh: FreshDatabase; services: UnpackedServices; folder: string };

/**
 * `npm run bench:dag`: what the scheduling core carries out on a real PostgreSQL with its own durability, as ratios to what the same server
 * commits in the same minutes. With `--commit-ms` each flush of the server's log takes so much longer. Answers 1 when a bar is missed.
 */
export async function main(argv: string[]): Promise<number> {
  const wish = readWish(argv, NAMES);
  if (wish === undefined) {
    process.stderr.write(describeUsage("bench:dag", NAMES));
    return 2;
  }
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const services = await unpackServices(say);
  const folder = mkdtempSync(join(tmpdir(), "cognition-bench-"));
  writeFileSync(join(folder, "update.sql"), PGBENCH_SCRIPT);
  const server = await startPostgres(services, { isDurable: true, commitMs: wish.commitMs });
  process.env["DATABASE_URL"] = server.url;
  try {
    const fresh = await createFreshDatabase(10);
    try {
      const bars = await measureAll({ fresh, services, folder }, wish, say);
      process.stdout.write(`${formatBars(bars)}\n${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}\n`);
      return bars.some(missesMust) ? 1 : 0;
    } finally {
      await fresh.drop();
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAll(place: Place, { names, repetitions }: Wish, say: (line: string) => void): Promise<Bar[]> {
  const chosen = Object.entries(workloads).filter(([name]) => names.includes(name));
  return [
    ...(chosen.length > 0 ? await measureThroughput(place, chosen, repetitions, say) : []),
    ...(names.includes("skewed") ? [await measureSkewed(place, Math.min(repetitions, MOST_SKEWED))] : []),
    ...(names.includes("join") ? await measureJoin(place) : []),
  ];
}

/** All workloads in turns, each block with its own floors: the machine is not the same from minute to minute. */
async function measureThroughput(
  { fresh, services, folder }: Place,
  chosen: readonly [name: string, workload: Workload][],
  repetitions: number,
  say: (line: string) => void,
): Promise<Bar[]> {
  const bench = await openBench(fresh.deployed);
  const samples = new Map<string, Sample[]>(chosen.map(([name]) => [name, []]));
  const floors: Floors[] = [];
  // The first block fills caches and plans statements.
  for (let block = 0; block <= repetitions; block += 1) {
    const floor = await measureFloors(fresh.ownerUrl, services, folder);
    if (block > 0) floors.push(floor);
    for (const [name, { shape, count }] of chosen) {
      const runs = await runDags(bench, fresh.owner, shape, count);
      if (block > 0) samples.get(name)?.push({ runs, floors: floor });
    }
    say(block === 0 ? "warm" : `block ${block} of ${repetitions}`);
  }
  return [...floorBars(floors), ...chosen.flatMap(([name, workload]) => barsOf(name, workload, samples.get(name) ?? []))];
}

/** Tasks that take time, one in twelve of them six times as long: whether any waits for one that it does not depend on. */
async function measureSkewed({ fresh }: Place, repetitions: number): Promise<Bar> {
  const shape = layersOf(20, 50, 3);
  const times = skewedTimes(shape.length, 100, 12, 6);
  const bench = await openBench(fresh.deployed, (ordinal) => times[ordinal - 1] ?? 0);
  const ratios: number[] = [];
  for (let index = 0; index < repetitions; index += 1) {
    const { seconds } = await runDags(bench, fresh.owner, shape);
    ratios.push((seconds * 1_000) / criticalPath(shape, times));
  }
  return { name: "layered20x50 of skewed 100 ms: time ÷ critical path", unit: "×", measured: median(ratios), must: 1.15, goal: 1.05 };
}

const Join = z.object({ seconds: z.number(), tasks: z.int(), megabytes: z.number() });

async function measureJoin({ fresh }: Place): Promise<Bar[]> {
  const launch = join(projectRoot(), "local/launch.mjs");
  const args = [launch, "run", "bench/dag/join.ts", fresh.url, fresh.ownerUrl];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: projectRoot() });
  const { seconds, tasks, megabytes } = Join.parse(JSON.parse(stdout));
  return [
    { name: `${tasks} tasks with a join of half of them: carried out`, unit: "/s", measured: tasks / seconds },
    { name: "the most memory that their conductor held", unit: "MB", measured: megabytes, must: 300 },
  ];
}

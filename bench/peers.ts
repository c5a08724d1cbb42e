import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../local/state-folder.ts";
import { installNode } from "../tests/parity/node-binary.ts";
import { capture } from "../tests/services/debian-packages.ts";
import { createFreshDatabase } from "../tests/services/fresh-database.ts";
import { onServer, withDatabase } from "../tests/services/on-server.ts";
import { startPostgres } from "../tests/services/start-postgres.ts";
import { unpackServices } from "../tests/services/unpack-services.ts";
import { type Bar, formatBars, missesMust } from "./bars.ts";
import { openBench } from "./dag/open-bench.ts";
import { type Peers, startPeers } from "./dag/peers-process.ts";
import { runDags } from "./dag/run-dags.ts";
import { describeUsage, readWish, type Wish } from "./dag/wish.ts";
import { median, workloads } from "./dag/workloads.ts";

const ENGINES = ["dbos", "graphile-worker"] as const;
/** Times the better of the two. */
const LEVELS: Readonly<Record<string, { must: number; goal: number }>> = {
  chain: { must: 1, goal: 2 },
  agents50x8: { must: 2, goal: 5 },
  layered20x50: { must: 2, goal: 6 },
  fan1000: { must: 2, goal: 6 },
};

/**
 * `npm run bench:peers`: the same DAGs by others' engines on the same server, in turns. With `--commit-ms` each flush of its log takes so much
 * longer. Answers 1 when a bar is missed.
 */
export async function main(argv: string[]): Promise<number> {
  const wish = readWish(argv, Object.keys(workloads));
  if (wish === undefined) {
    process.stderr.write(describeUsage("bench:peers", Object.keys(workloads)));
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "cognition-peers-"));
  const node = await installNode("22");
  const services = await unpackServices((line) => void process.stderr.write(`${line}\n`));
  const server = await startPostgres(services, { isDurable: true, commitMs: wish.commitMs });
  process.env["DATABASE_URL"] = server.url;
  try {
    cpSync(join(projectRoot(), "bench/peers"), folder, { recursive: true });
    await capture({ file: "npm", args: ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"], cwd: folder });
    for (const name of ENGINES) await onServer(server.url, (client) => client.query(`CREATE DATABASE "${name}"`));
    const peers = await startPeers(
      node.file,
      folder,
      ENGINES.map((name) => withDatabase(server.url, name)),
    );
    let bars: Bar[];
    try {
      bars = await measure(peers, wish);
    } finally {
      await peers.stop();
    }
    process.stdout.write(
      `${formatBars(bars)}\n${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}, theirs ${node.version}\n`,
    );
    return bars.some(missesMust) ? 1 : 0;
  } finally {
    await server.stop();
    await node.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Block = { ours: number } & Record<(typeof ENGINES)[number], number>;

async function measure(peers: Peers, { names, repetitions }: Wish): Promise<Bar[]> {
  const fresh = await createFreshDatabase(10);
  try {
    const bench = await openBench(fresh.deployed);
    const chosen = Object.entries(workloads).filter(([name]) => names.includes(name));
    const blocks = new Map<string, Block[]>(chosen.map(([name]) => [name, []]));
    // The first block fills caches and plans statements, ours and theirs.
    for (let block = 0; block <= repetitions; block += 1) {
      for (const [name, { shape, count }] of chosen) {
        const tasks = shape.length * count;
        const ours = (await runDags(bench, fresh.owner, shape, count)).tasksPerSecond;
        const dbos = tasks / (await peers.run("dbos", shape, count));
        const graphile = tasks / (await peers.run("graphile-worker", shape, count));
        if (block > 0) blocks.get(name)?.push({ ours, dbos, "graphile-worker": graphile });
      }
      process.stderr.write(block === 0 ? "warm\n" : `block ${block} of ${repetitions}\n`);
    }
    return [...blocks].flatMap(([name, measured]) => barsOf(name, measured));
  } finally {
    await fresh.drop();
  }
}

function barsOf(name: string, blocks: readonly Block[]): Bar[] {
  const middle = (value: (block: Block) => number) => median(blocks.map(value));
  const ratio = middle((block) => block.ours / Math.max(...ENGINES.map((engine) => block[engine])));
  return [
    { name: `${name}: ours`, unit: "tasks/s", measured: middle((block) => block.ours) },
    ...ENGINES.map((engine) => ({ name: `${name}: ${engine}`, unit: "tasks/s", measured: middle((block) => block[engine]) })),
    { name: `${name}: ours ÷ the better of them`, unit: "×", measured: ratio, ...LEVELS[name], better: "more" },
  ];
}

import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { UnpackedServices } from "../../tests/services/unpack-services.ts";

const SECONDS = 2;
const ROWS = 1_000;

/** One-row updates that one server commits in a second: what everything else here is a ratio of. */
export type Floors = { pgbenchOne: number; pgbenchEight: number; nodePg: number };

/** `url` is of a database where a table may be made. */
export async function measureFloors(url: string, services: UnpackedServices, folder: string): Promise<Floors> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE TABLE IF NOT EXISTS bench_rows (id int PRIMARY KEY, n int NOT NULL) WITH (fillfactor = 50)`);
    await client.query(`INSERT INTO bench_rows SELECT id, 0 FROM generate_series(1, ${ROWS}) id ON CONFLICT DO NOTHING`);
    return {
      pgbenchOne: await runPgbench(url, services, folder, 1),
      pgbenchEight: await runPgbench(url, services, folder, 8),
      nodePg: await countCommits(client),
    };
  } finally {
    await client.end();
  }
}

async function runPgbench(url: string, { postgresBin, libraryPath }: UnpackedServices, folder: string, clients: number): Promise<number> {
  const script = path.join(folder, "update.sql");
  const { stdout } = await promisify(execFile)(
    path.join(postgresBin, "pgbench"),
    ["--no-vacuum", "--protocol=prepared", `--client=${clients}`, `--time=${SECONDS}`, `--file=${script}`, url],
    { env: { ...process.env, LD_LIBRARY_PATH: libraryPath } },
  );
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
}

export const PGBENCH_SCRIPT = `\\set id random(1, ${ROWS})\nUPDATE bench_rows SET n = n + 1 WHERE id = :id;\n`;

async function countCommits(client: pg.Client): Promise<number> {
  const ends = performance.now() + SECONDS * 1_000;
  let commits = 0;
  for (; performance.now() < ends; commits += 1) {
    await client.query({ name: "bump", text: "UPDATE bench_rows SET n = n + 1 WHERE id = $1", values: [1 + (commits % ROWS)] });
  }
  return commits / SECONDS;
}

import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { createDataFolder, findFreePort, type RunningServer, runToEnd, startProcess, stopServer, waitUntilReady } from "./start-server.ts";
import type { UnpackedServices } from "./unpack-services.ts";

const database = "cognition";
/** Like the owner on a managed database: makes roles and databases, but is no superuser and sees no row past row-level security. */
const owner = "cognition_owner";

/** Tests are as safe from a lost disk as they need to be: nothing of them outlives the process. */
const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "120",
  shared_buffers: "64MB",
  fsync: "off",
  full_page_writes: "off",
  jit: "off",
};

/** Starts a fresh PostgreSQL; its URL logs in as the owner of an empty database. */
export async function startPostgres({ postgresBin, libraryPath }: UnpackedServices): Promise<RunningServer> {
  const folder = await createDataFolder("postgres");
  const password = randomBytes(16).toString("hex");
  const passwordFile = path.join(folder, "password");
  await writeFile(passwordFile, password, { mode: 0o644 });
  const data = path.join(folder, "data");
  const create = [
    "-D",
    data,
    "-U",
    "postgres",
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    "--no-sync",
  ];
  await runToEnd(path.join(postgresBin, "initdb"), create, libraryPath, folder);
  const port = await findFreePort();
  const options = Object.entries({ ...settings, port }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = startProcess(path.join(postgresBin, "postgres"), ["-D", data, ...options], libraryPath, folder);
  const stop = async () => await stopServer(server.process, folder, "SIGINT");
  try {
    const address = `${password}@127.0.0.1:${port}`;
    await waitUntilReady(server, async () => await isAnswering(`postgres://postgres:${address}/postgres`));
    await createOwner(`postgres://postgres:${address}/postgres`, password);
    return { url: `postgres://${owner}:${address}/${database}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function isAnswering(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function createOwner(connectionString: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(`CREATE ROLE ${owner} LOGIN CREATEDB CREATEROLE PASSWORD '${password}'`);
  await client.query(`CREATE DATABASE ${database} OWNER ${owner}`);
  await client.end();
}

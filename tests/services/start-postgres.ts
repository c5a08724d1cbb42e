import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { type RunningServer, runProgram, type ServerIdentity, startServer, writeIdentity } from "./start-server.ts";
import type { UnpackedServices } from "./unpack-services.ts";

const database = "cognition";
/** Like the owner on a managed database: makes roles and databases, but is no superuser and sees no row past row-level security. */
const owner = "cognition_owner";

const addresses = { listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: "120" };
/** Tests are as safe from a lost disk as they need to be: nothing of them outlives the process. */
const forTests = { shared_buffers: "64MB", fsync: "off", full_page_writes: "off", jit: "off" };

export type PostgresOptions = {
  /** What it shows to who asks for TLS. */
  identity?: ServerIdentity | undefined;
  /** Commits are on the disk when they return, and everything else is as Postgres comes. */
  isDurable?: boolean;
  /** Milliseconds that each flush of the log takes longer: what a commit costs where the disk is at the other end of a network. */
  commitMs?: number | undefined;
};

/** Starts a fresh PostgreSQL; its URL logs in as the owner of an empty database. */
export async function startPostgres(
  { postgresBin, libraryPath }: UnpackedServices,
  { identity, isDurable = false, commitMs = 0 }: PostgresOptions = {},
): Promise<RunningServer> {
  const password = randomBytes(16).toString("hex");
  const address = (user: string, port: string, name: string) => `postgres://${user}:${password}@127.0.0.1:${port}/${name}`;
  const { url, stop } = await startServer({
    name: "postgres",
    stopSignal: "SIGINT",
    async prepare(folder, port) {
      const data = path.join(folder, "data");
      await createCluster({ file: path.join(postgresBin, "initdb"), libraryPath, folder }, data, password);
      const options = Object.entries({
        ...addresses,
        ...(isDurable ? {} : forTests),
        // Whoever flushes waits so long before it, and for all that wait with it; `commit_siblings`: also where nobody does.
        ...(commitMs > 0 ? { commit_delay: String(commitMs * 1_000), commit_siblings: "0" } : {}),
        ...(await tlsSettings(folder, identity)),
        port,
      }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
      const program = { file: path.join(postgresBin, "postgres"), args: ["-D", data, ...options], libraryPath, folder };
      return { program, url: address("postgres", String(port), "postgres") };
    },
    isReady: isAnswering,
  });
  try {
    await createOwner(url, password);
    return { url: address(owner, new URL(url).port, database), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function tlsSettings(folder: string, identity: ServerIdentity | undefined): Promise<Record<string, string>> {
  if (identity === undefined) return {};
  const { certificate, key } = await writeIdentity(folder, identity);
  return { ssl: "on", ssl_cert_file: certificate, ssl_key_file: key };
}

type Initdb = { readonly file: string; readonly libraryPath: string; readonly folder: string };

async function createCluster(initdb: Initdb, data: string, password: string): Promise<void> {
  const passwordFile = path.join(initdb.folder, "password");
  // The server's user reads it, inside a folder that nobody else may enter.
  await writeFile(passwordFile, password, { mode: 0o644 });
  const encoding = ["-E", "UTF8", "--locale=C.UTF-8"];
  const login = ["-U", "postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  await runProgram({ ...initdb, args: ["-D", data, ...encoding, ...login, "--no-sync"] });
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
  try {
    await client.query(`CREATE ROLE ${owner} LOGIN CREATEDB CREATEROLE PASSWORD '${password}'`);
    await client.query(`CREATE DATABASE ${database} OWNER ${owner}`);
  } finally {
    await client.end();
  }
}

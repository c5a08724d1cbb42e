import { randomUUID } from "node:crypto";
import { type Database, openDatabase } from "../../shared/platform/db/database.ts";
import { deployedLogins, ensureLogin } from "../../shared/platform/db/logins.ts";
import { migrateUp, readMigrations } from "../../shared/platform/db/migrate.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { seedTools } from "../../shared/tools/seed-tools.ts";
import { upsertTools } from "../../shared/tools/sql.ts";
import { dropDatabase, onServer, withDatabase } from "./on-server.ts";

export type FreshDatabase = {
  /** As a login without privileges of its own that may be app and engine: what one process runs with. */
  database: Database;
  /** As the two logins of a deployment: one that may be app alone, and one that may be engine alone. */
  deployed: Database;
  /** As whoever made it; a member of every role, so it sees all rows. */
  owner: Database;
  /** Addresses of the same two. */
  url: string;
  ownerUrl: string;
  drop: () => Promise<void>;
};

/** Any number that nobody else locks on the test server. */
const ROLES_LOCK = 6_021_023;

/** An empty, migrated database of its own on the test server. */
export async function createFreshDatabase(poolSize: number): Promise<FreshDatabase> {
  const serverUrl = process.env["DATABASE_URL"] ?? "";
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const ownerUrl = withDatabase(serverUrl, name);
  const owner = await onServer(serverUrl, async (server) => {
    // Roles belong to the whole cluster: two databases that make them at once would collide.
    await server.query("SELECT pg_advisory_lock($1)", [ROLES_LOCK]);
    await server.query(`CREATE DATABASE ${name}`);
    const opened = await openDatabase(ownerUrl);
    await migrateUp(opened, readMigrations("migrations"));
    await server.query(`CREATE ROLE ${name} LOGIN NOINHERIT PASSWORD '${name}' NOSUPERUSER NOBYPASSRLS; GRANT app, engine TO ${name}`);
    const deployed = deployedLogins.map(({ memberOf }) => ({ name: `${name}_${memberOf}`, memberOf }));
    for (const login of deployed) {
      await opened.transact({ role: "owner" }, (db) => ensureLogin(db, login));
      await server.query(`ALTER ROLE ${login.name} PASSWORD '${login.name}'`);
    }
    // Who drops the database ends the connections to it, which takes membership.
    await server.query(`GRANT ${name}, ${name}_app, ${name}_engine TO CURRENT_USER`);
    return opened;
  });
  await owner.transact({ role: "owner" }, (db) => upsertTools(db, seedTools, uuidv7));
  const url = withLogin(ownerUrl, name);
  const [database, app, engine] = await Promise.all(
    [url, withLogin(ownerUrl, `${name}_app`), withLogin(ownerUrl, `${name}_engine`)].map((address) => openDatabase(address, { poolSize })),
  );
  if (database === undefined || app === undefined || engine === undefined) throw new Error("three addresses open three databases");
  return {
    database,
    deployed: {
      transact: (actor, work) => (actor.role === "engine" ? engine : app).transact(actor, work),
      close: async () => void (await Promise.all([app.close(), engine.close()])),
    },
    owner,
    url,
    ownerUrl,
    async drop() {
      await Promise.all([database, app, engine, owner].map((one) => one.close()));
      await onServer(serverUrl, async (server) => {
        await dropDatabase(server, name);
        await server.query(`DROP ROLE ${name}, ${name}_app, ${name}_engine`);
      });
    },
  };
}

/** An empty database without any migration, and its address. */
export async function createBareDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const serverUrl = process.env["DATABASE_URL"] ?? "";
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(serverUrl, (server) => server.query(`CREATE DATABASE ${name}`));
  return {
    url: withDatabase(serverUrl, name),
    drop: () => onServer(serverUrl, (server) => dropDatabase(server, name)),
  };
}

/** Runs `work` while no other test makes the roles of the cluster. */
export async function whileRolesAreStill<Result>(work: () => Promise<Result>): Promise<Result> {
  return onServer(process.env["DATABASE_URL"] ?? "", async (server) => {
    await server.query("SELECT pg_advisory_lock($1)", [ROLES_LOCK]);
    return work();
  });
}

function withLogin(url: string, name: string): string {
  const changed = new URL(url);
  changed.username = name;
  changed.password = name;
  return changed.href;
}

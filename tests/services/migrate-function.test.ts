import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { handler, type MigrateAnswer } from "../../functions/orchestrator/migrate.ts";
import { type Database, openDatabase } from "../../shared/platform/db/database.ts";
import { migrateUp, readMigrations } from "../../shared/platform/db/migrate.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";
import { describeSchema } from "./catalogue.ts";
import { createBareDatabase, whileRolesAreStill } from "./fresh-database.ts";

/** The owner of the test server is what the master of an RDS cluster is: may make roles and databases, and is no superuser. */
let database: Database;
let close: () => Promise<void>;
const versions = readMigrations("migrations").map(({ version }) => version);
const tools = ["execute_javascript", "read_file", "write_file"];
const logins = ["cognition_http", "cognition_engine"];

setLogSink(() => undefined);

beforeEach(async () => {
  const bare = await createBareDatabase();
  database = await openDatabase(bare.url);
  vi.stubEnv("DATABASE_URL", bare.url);
  close = async () => {
    await database.close();
    await bare.drop();
  };
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await whileRolesAreStill(() => query(`DROP ROLE IF EXISTS ${[...logins, "rds_iam"].join(", ")}`));
  await close();
});

async function query(text: string, values?: readonly unknown[]): Promise<unknown[]> {
  return database.transact({ role: "owner" }, async (db) => (await db.query(text, values)).rows);
}

const migrate = (): Promise<MigrateAnswer> => whileRolesAreStill(handler);

describe("the migrate function", () => {
  test("brings an empty database to this version and says what it did", async () => {
    const { vector, ...answer } = await migrate();

    expect(answer).toEqual({ applied: versions, tools: expect.arrayContaining(tools), logins });
    expect(vector).toMatch(/^(0\.([89]|\d\d)|[1-9])/);
    expect(await query("SELECT name FROM tools WHERE name = ANY ($1) ORDER BY name", [tools])).toHaveLength(tools.length);
  });

  test("changes nothing the second time", async () => {
    await migrate();
    const [schema, roles] = [await describeSchema(database), await readLogins()];
    const again = await migrate();

    expect(again.applied).toEqual([]);
    expect([await describeSchema(database), await readLogins()]).toEqual([schema, roles]);
  });

  test("applies each migration once when it runs twice at once", async () => {
    const answers = await whileRolesAreStill(() => Promise.all([handler(), handler(), handler()]));

    expect(answers.flatMap(({ applied }) => applied).toSorted()).toEqual(versions);
    expect(await readLogins()).toHaveLength(2);
  });

  test("goes on with a database that an earlier version migrated", async () => {
    await whileRolesAreStill(() => migrateUp(database, readMigrations("migrations").slice(0, 3)));

    expect((await migrate()).applied).toEqual(versions.slice(3));
  });

  test("fails with the server's words when a migration fails, and keeps what was applied before", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "cognition-migrations-"));
    try {
      await cp("migrations", path.join(folder, "migrations"), { recursive: true });
      await writeFile(path.join(folder, "migrations/9999_broken.up.sql"), "CREATE TABLE half (id int); SELECT 1 / 0");
      await writeFile(path.join(folder, "migrations/9999_broken.down.sql"), "DROP TABLE half");
      vi.stubEnv("LAMBDA_TASK_ROOT", folder);

      await expect(migrate()).rejects.toThrow("division by zero");
      expect(await query("SELECT version FROM schema_migrations ORDER BY version")).toEqual(versions.map((version) => ({ version })));
      expect(await query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

const Member = z.object({ name: z.string(), roles: z.array(z.string()), settings: z.array(z.string()), isPlain: z.boolean() });

async function readLogins(): Promise<z.infer<typeof Member>[]> {
  const rows = await query(
    `SELECT r.rolname AS name, r.rolconfig AS settings,
      ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) AS roles,
      r.rolcanlogin AND NOT (r.rolinherit OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication) AS "isPlain"
    FROM pg_roles r WHERE r.rolname = ANY ($1) ORDER BY 1 DESC`,
    [logins],
  );
  return z.array(Member).parse(rows);
}

describe("the logins", () => {
  const settings = ["idle_session_timeout=3min", "idle_in_transaction_session_timeout=60s", "jit=off"];

  test("may take on one role each, have no right of their own and are not kept waiting for", async () => {
    await migrate();

    expect(await readLogins()).toEqual([
      { name: "cognition_http", roles: ["app"], isPlain: true, settings },
      { name: "cognition_engine", roles: ["engine"], isPlain: true, settings },
    ]);
  });

  test("log in by signed tokens where RDS offers that", async () => {
    await whileRolesAreStill(() => query("CREATE ROLE rds_iam"));
    await migrate();

    expect((await readLogins()).map(({ roles }) => roles)).toEqual([
      ["app", "rds_iam"],
      ["engine", "rds_iam"],
    ]);
  });

  test("that somebody changed are made again what they should be", async () => {
    await migrate();
    await query("ALTER ROLE cognition_http NOLOGIN INHERIT; ALTER ROLE cognition_http SET jit = on");
    await migrate();

    expect((await readLogins())[0]).toMatchObject({ isPlain: true, settings: expect.arrayContaining(["jit=off"]) });
  });
});

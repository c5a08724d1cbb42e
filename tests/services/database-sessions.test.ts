import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, openDatabase, type Queryable } from "../../shared/platform/db/database.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

let proxy: TcpProxy;
let database: Database;
let now: number;

beforeEach(async () => {
  now = Date.parse("2026-01-01T00:00:00Z");
  proxy = await openTcpProxy(process.env["DATABASE_URL"] ?? "");
  database = await openDatabase(proxy.url, { now: () => now });
});
afterEach(async () => {
  await database.close();
  await proxy.close();
});

const asOwner = <Result>(work: (db: Queryable) => Promise<Result>) => database.transact({ role: "owner" }, work);
const readSession = () => asOwner(async (db) => (await db.query("SELECT pg_backend_pid() AS pid")).rows[0]);

/** By another connection, past the proxy. */
async function askDirectly(text: string, values: readonly unknown[] = []): Promise<void> {
  const other = await openDatabase(process.env["DATABASE_URL"] ?? "");
  await other.transact({ role: "owner" }, (db) => db.query(text, values));
  await other.close();
}

describe("a connection that was used before", () => {
  test("is used again within two minutes", async () => {
    const first = await readSession();
    now += 120_000;

    expect(await readSession()).toEqual(first);
    expect(proxy.count()).toBe(1);
  });

  test("is replaced when it was unused for longer, whatever the timers of a frozen function say", async () => {
    const first = await readSession();
    now += 120_001;

    expect(await readSession()).not.toEqual(first);
    expect(proxy.count()).toBe(2);
  });

  test("counts as used until its transaction ends", async () => {
    await asOwner(async (db) => {
      await db.query("SELECT 1");
      now += 300_000;
    });
    now += 120_000;
    await readSession();

    expect(proxy.count()).toBe(1);
  });

  test("and that the server ended is replaced before the first statement, so the work is done once", async () => {
    await readSession();
    let works = 0;
    // In one turn of the loop: nobody on this side can know yet.
    proxy.cut();
    const answer = await asOwner(async (db) => {
      works += 1;
      return (await db.query("SELECT 'again' AS said")).rows;
    });

    expect(answer).toEqual([{ said: "again" }]);
    expect([works, proxy.count()]).toEqual([1, 2]);
  });

  test("and that the server is known to have ended is not handed out", async () => {
    const { pid } = (await readSession()) as { pid: number };
    await askDirectly("SELECT pg_terminate_backend($1, 5000)", [pid]);

    expect(await readSession()).not.toEqual({ pid });
  });
});

describe("a last statement", () => {
  const table = `last_${randomUUID().replaceAll("-", "")}`;
  const insert = `INSERT INTO ${table} VALUES ($1)`;
  const kept = () => asOwner(async (db) => (await db.query(`SELECT id FROM ${table} ORDER BY id`)).rows);
  beforeEach(() => asOwner((db) => db.query(`CREATE TABLE ${table} (id int PRIMARY KEY)`)));
  afterEach(() => asOwner((db) => db.query(`DROP TABLE ${table}`)));

  test("goes out with the commit, and is committed with what was before it", async () => {
    const answer = await asOwner(async (db) => {
      await db.query(insert, [1]);
      db.finish?.(insert, [2]);
      return "done";
    });

    expect([answer, await kept()]).toEqual(["done", [{ id: 1 }, { id: 2 }]]);
  });

  test("may be the only one", async () => {
    await asOwner(async (db) => db.finish?.(insert, [1]));

    expect(await kept()).toEqual([{ id: 1 }]);
  });

  test("that is refused fails the transaction, of which nothing is kept, and its connection is used again", async () => {
    const session = await readSession();
    const work = asOwner(async (db) => {
      await db.query(insert, [1]);
      db.finish?.(insert, [1]);
    });

    await expect(work).rejects.toThrow(/duplicate key/);
    expect([await kept(), await readSession()]).toEqual([[], session]);
  });

  test("is not committed when the work fails after it", async () => {
    const work = asOwner(async (db) => {
      db.finish?.(insert, [1]);
      throw new Error("later");
    });

    await expect(work).rejects.toThrow("later");
    expect(await kept()).toEqual([]);
  });
});

describe("a connection that ends", () => {
  test("in the middle of the work fails it, is not tried again and ends nothing else", async () => {
    let works = 0;
    const work = asOwner(async (db) => {
      works += 1;
      await db.query("SELECT 1");
      proxy.cut();
      // Long enough for the end to be noticed while nobody waits for an answer.
      await askDirectly("SELECT 1");
      await db.query("SELECT 1");
    });

    await expect(work).rejects.toThrow(/terminated|queryable/);
    expect(works).toBe(1);
    expect(await readSession()).toBeDefined();
  });
});

describe("a transaction that may not begin", () => {
  const name = `stranger_${randomUUID().replaceAll("-", "")}`;
  beforeEach(() =>
    asOwner((db) => db.query(`CREATE ROLE ${name} LOGIN PASSWORD 'x'; GRANT ${name} TO CURRENT_USER; CREATE SCHEMA AUTHORIZATION ${name}`)),
  );
  afterEach(() => asOwner((db) => db.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`)));

  test("carries out nothing of its first statement, which was sent with it", async () => {
    const url = new URL(proxy.url);
    Object.assign(url, { username: name, password: "x" });
    const stranger = await openDatabase(url.href);
    const refused = stranger.transact({ role: "engine" }, (db) => db.query(`CREATE TABLE ${name}.written (id int)`));
    await expect(refused).rejects.toThrow(/role "engine"/);
    await stranger.transact({ role: "owner" }, (db) => db.query(`CREATE TABLE ${name}.by_itself (id int)`));
    await stranger.close();

    const { rows } = await asOwner((db) => db.query("SELECT tablename FROM pg_tables WHERE schemaname = $1", [name]));
    expect(rows).toEqual([{ tablename: "by_itself" }]);
  });
});

describe("a database is said to be resuming", () => {
  const resuming = { code: "database-resuming", status: 503, retryAfter: 15 };

  test("when it accepts and does not answer within the time for connecting", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const silent = await openDatabase(`postgres://nobody@127.0.0.1:${port}/nothing`, { connectTimeout: 100 });
    try {
      await expect(silent.transact({ role: "owner" }, (db) => db.query("SELECT 1"))).rejects.toMatchObject(resuming);
    } finally {
      await silent.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });

  test("when nobody listens at its address", async () => {
    const absent = await openDatabase("postgres://nobody@127.0.0.1:1/nothing");

    await expect(absent.transact({ role: "owner" }, (db) => db.query("SELECT 1"))).rejects.toMatchObject(resuming);
    await absent.close();
  });

  test.each([
    ["its password is wrong", (url: URL) => void (url.password = "wrong")],
    ["it is not there", (url: URL) => void (url.pathname = "/absent")],
  ])("but not when %s", async (_, spoil) => {
    const url = new URL(process.env["DATABASE_URL"] ?? "");
    spoil(url);
    const refused = await openDatabase(url.href);

    await expect(refused.transact({ role: "owner" }, (db) => db.query("SELECT 1"))).rejects.toMatchObject({
      code: "wrong-configuration",
      detail: "The database refuses this login",
    });
    await refused.close();
  });
});

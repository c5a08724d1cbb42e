import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import * as z from "zod";
import { openTestDatabase } from "../database.ts";

const MB = 1024 * 1024;

/** Bytes that are still needed after everything else was collected. */
function readNeeded(): number {
  setFlagsFromString("--expose-gc");
  z.function().parse(runInNewContext("gc"))();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("the embedded database keeps nothing of the answers that it gave", async () => {
  const { database, close } = await openTestDatabase();
  const readRows = (count: number) =>
    database.transact({ role: "owner" }, (db) => db.query("SELECT repeat('x', 1000) AS text FROM generate_series(1, $1::int)", [count]));
  expect((await readRows(2_000)).rows).toHaveLength(2_000);
  const before = readNeeded();

  for (let round = 0; round < 20; round += 1) await readRows(2_000);

  expect(readNeeded() - before).toBeLessThan(10 * MB);
  await close();
});

test("the embedded database finds rows by their index, however small their table was when it was first asked", async () => {
  const { database, close } = await openTestDatabase();
  const { rows } = await database.transact({ role: "engine" }, (db) =>
    db.query("EXPLAIN UPDATE effects SET state = c.state FROM jsonb_to_recordset('[]') AS c (id uuid, state text) WHERE effects.id = c.id"),
  );
  expect(JSON.stringify(rows)).toContain("Index Scan using effects_pkey");
  await close();
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "../../shared/platform/db/database.ts";
import { type Migration, migrateDown, migrateUp, readMigrationStatus, readMigrations } from "../../shared/platform/db/migrate.ts";
import { describeSchema } from "./catalogue.ts";
import { createBareDatabase, whileRolesAreStill } from "./fresh-database.ts";

const migrations = readMigrations("migrations");
const versions = migrations.map((migration) => migration.version);

let database: Database;
let url: string;
let close: () => Promise<void>;

beforeEach(async () => {
  const bare = await createBareDatabase();
  url = bare.url;
  database = await openDatabase(url);
  close = async () => {
    await database.close();
    await bare.drop();
  };
});
afterEach(() => close());

const up = (chosen: readonly Migration[] = migrations) => whileRolesAreStill(() => migrateUp(database, chosen));
const states = async (chosen: readonly Migration[]) => (await readMigrationStatus(database, chosen)).map((row) => [row.version, row.state]);

describe("migrations", () => {
  test("taken back and applied again leave the very same schema, all at once and one by one", async () => {
    await readMigrationStatus(database, migrations);
    const schemas = [await describeSchema(database)];
    for (const count of versions.keys()) {
      await up(migrations.slice(0, count + 1));
      schemas.push(await describeSchema(database));
    }
    for (const count of [...versions.keys()].toReversed()) {
      expect(await migrateDown(database, migrations, 1)).toEqual([versions[count]]);
      expect(await describeSchema(database), `after ${versions[count]} was taken back`).toEqual(schemas[count]);
    }
    expect(await up()).toEqual(versions);
    expect(await describeSchema(database)).toEqual(schemas.at(-1));
  });

  test("are each a change: none leaves the schema as it was", async () => {
    await readMigrationStatus(database, migrations);
    const sizes = new Set([(await describeSchema(database)).join("\n")]);
    for (const count of versions.keys()) {
      await up(migrations.slice(0, count + 1));
      sizes.add((await describeSchema(database)).join("\n"));
    }

    expect(sizes.size).toBe(versions.length + 1);
  });

  test("are applied once, however often they are asked for", async () => {
    expect(await up()).toEqual(versions);
    expect(await up()).toEqual([]);
  });

  test("do not collide when several processes begin together: each is applied by one of them", async () => {
    const others = await Promise.all([url, url, url].map((address) => openDatabase(address)));
    try {
      const applied = await whileRolesAreStill(() => Promise.all([database, ...others].map((one) => migrateUp(one, migrations))));

      expect(applied.flat().toSorted()).toEqual(versions);
    } finally {
      await Promise.all(others.map((other) => other.close()));
    }
  });

  test("say which of them are applied, pending, changed and missing", async () => {
    const [first, second, third] = migrations;
    if (first === undefined || second === undefined || third === undefined) throw new Error("there are fewer than three");
    await up([first, second, third]);

    expect(await states([first, { ...second, checksum: "0".repeat(64) }, ...migrations.slice(3)])).toEqual([
      [first.version, "applied"],
      [second.version, "changed"],
      [third.version, "missing"],
      ...migrations.slice(3).map((migration) => [migration.version, "pending"]),
    ]);
  });

  test("are refused, up and down, when one of them was changed after it had been applied", async () => {
    const [first, ...rest] = migrations;
    if (first === undefined) throw new Error("there is none");
    await up([first]);
    const changed = [{ ...first, checksum: "0".repeat(64) }, ...rest];
    const complaint = `Migration ${first.version}_${first.name} was changed after it had been applied`;

    await expect(up(changed)).rejects.toThrow(complaint);
    await expect(migrateDown(database, changed, 1)).rejects.toThrow(complaint);
    expect(await states(migrations)).toEqual(versions.map((version) => [version, version === first.version ? "applied" : "pending"]));
  });

  test("are refused when one that was applied is gone", async () => {
    const [first, second] = migrations;
    if (first === undefined || second === undefined) throw new Error("there are fewer than two");
    await up([first, second]);

    await expect(up([first])).rejects.toThrow(`Migration ${second.version}_${second.name} was applied but is not in the folder`);
  });

  test("leave nothing behind when one fails halfway", async () => {
    const [first] = migrations;
    if (first === undefined) throw new Error("there is none");
    await up([first]);
    const before = await describeSchema(database);
    const broken = { ...first, version: "9999", name: "broken", up: "CREATE TABLE half (id int); SELECT 1 / 0", checksum: "1".repeat(64) };

    await expect(up([first, broken])).rejects.toThrow("division by zero");
    expect(await describeSchema(database)).toEqual(before);
    expect(await states([first])).toEqual([[first.version, "applied"]]);
  });
});

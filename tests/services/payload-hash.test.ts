import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { openDatabase } from "../../shared/platform/db/database.ts";
import { hashJson } from "../../shared/platform/hash.ts";
import { JsonValue, parseJson } from "../../shared/platform/json.ts";
import { toStorable } from "../../shared/platform/storable-json.ts";

test("the hash of what is sent to Postgres is the hash of what comes back, for any value that a model or a program may report", async () => {
  const database = await openDatabase(process.env["DATABASE_URL"] ?? "");
  // Whatever JSON can say, halves of surrogate pairs and U+0000 among it.
  const values = fc.array(fc.json({ stringUnit: "binary" }), { minLength: 1, maxLength: 50 });
  try {
    await fc.assert(
      fc.asyncProperty(values, async (texts) => {
        // Read as a queue's message is: a key that objects inherit by is left out there.
        const stored = texts.map((text) => toStorable(JsonValue.parse(parseJson(text)), JsonValue));
        const { rows } = await database.transact({ role: "owner" }, (db) =>
          db.query("SELECT value FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS e (value, place) ORDER BY place", [
            JSON.stringify(stored),
          ]),
        );
        const returned = z.array(z.object({ value: JsonValue })).parse(rows);

        expect(returned.map(({ value }) => hashJson(value))).toEqual(stored.map(hashJson));
      }),
      { numRuns: 60 },
    );
  } finally {
    await database.close();
  }
});

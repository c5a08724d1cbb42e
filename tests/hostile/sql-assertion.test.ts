import { afterAll, describe, expect, it } from "vitest";
import type { JsonValue } from "../../shared/platform/json.ts";
import { createSandbox } from "../../shared/tools/sandbox/create-sandbox.ts";

const sandbox = createSandbox({ entry: "dist/local/sandbox/child.js" });
afterAll(() => sandbox.close());

const ask = (code: string, input: JsonValue = null, limits: { time_ms?: number; memory_mb?: number } = {}) =>
  sandbox.run({ language: "sql", code, input, limits });
const rows = [
  { name: "Ada", sum: 3.5, tags: ["a", "b"] },
  { name: "Bob", sum: 4, isNew: true },
];

describe("an assertion in SQL", () => {
  it.each<[JsonValue, string, boolean]>([
    [rows, "SELECT count(*) = 2 AND sum(sum) = 7.5 FROM result", true],
    [rows, "SELECT NOT EXISTS (SELECT 1 FROM result WHERE sum < 0)", true],
    [rows, "SELECT count(*) = 1 FROM result WHERE isNew", true],
    [rows, "SELECT json_extract(tags, '$[1]') = 'b' FROM result WHERE name = 'Ada'", true],
    [rows, "SELECT max(sum) < 4 FROM result", false],
    [rows, "SELECT isNew FROM result WHERE name = 'Ada'", false],
    [{ total: 12 }, "SELECT total = 12 FROM result", true],
    [["x", "y"], "SELECT group_concat(value, '') = 'xy' FROM result", true],
    ["a text", "SELECT value LIKE '%text' FROM result;", true],
    [[], "SELECT count(*) = 0 FROM result", true],
    [[{ 'odd "name"; DROP TABLE result': 1 }], 'SELECT "odd ""name""; DROP TABLE result" = 1 FROM result', true],
  ])("of %j: %s", async (input, query, holds) => {
    expect(await ask(query, input)).toMatchObject({ ok: true, value: holds });
  });

  it.each([
    ["SELECT", "incomplete input"],
    ["SELEC 1", "syntax error"],
    ["SELECT missing FROM result", "no such column"],
    ["SELECT 1; SELECT 1", "several"],
    ["-- nothing", "no statement"],
    ["SELECT 1 FROM result WHERE 0", "no row"],
    ["SELECT 1 FROM result", "more than one row"],
    ["SELECT 1, 2", "2 columns"],
    ["SELECT 'yes'", "true or false"],
    ["SELECT 2", "true or false"],
  ])("that says nothing is told so: %s", async (query, reason) => {
    expect(await ask(query, rows)).toMatchObject({ ok: false, code: "exception", detail: expect.stringContaining(reason) });
  });

  it.each([
    "DROP TABLE result",
    "DELETE FROM result",
    "UPDATE result SET sum = 0",
    "INSERT INTO result (sum) VALUES (1)",
    "CREATE TABLE other (a)",
  ])("writes nothing: %s", async (query) => {
    expect(await ask(query, rows)).toMatchObject({ ok: false, detail: expect.stringContaining("readonly") });
  });

  it.each(["SELECT load_extension('libc.so.6')", "SELECT readfile('/etc/passwd')", "SELECT edit('x')", "SELECT writefile('/tmp/x', 'x')"])(
    "reaches nothing outside: %s",
    async (query) => {
      expect(await ask(query)).toMatchObject({ ok: false, detail: expect.stringContaining("no such function") });
    },
  );

  it("sees no file of the machine, whichever database it attaches", async () => {
    expect(await ask("ATTACH DATABASE '/etc/passwd' AS outside")).toMatchObject({ ok: false });
    expect(await ask("SELECT count(*) = 0 FROM sqlite_master WHERE name <> 'result'")).toMatchObject({ ok: true, value: true });
  });

  it("that never ends is ended", async () => {
    const forever = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) > 0 FROM n";
    expect(await ask(forever, null, { time_ms: 500 })).toMatchObject({ ok: false, code: "timeout" });
  });

  it.each([
    "SELECT length(randomblob(900000000)) > 0",
    "SELECT length(group_concat(hex(zeroblob(10000000)))) > 0 FROM result, result AS b, result AS c, result AS d",
  ])("has no more memory than it is given: %s", async (query) => {
    expect(await ask(query, rows, { memory_mb: 32 })).toMatchObject({ ok: false, code: "memory" });
  });

  it("of a result that is no table is told so", async () => {
    expect(await ask("SELECT 1", [{ a: 1, A: 2 }])).toMatchObject({ ok: false, detail: expect.stringContaining("case") });
    const wide = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`c${index}`, index]));
    expect(await ask("SELECT 1", wide)).toMatchObject({ ok: false, detail: expect.stringContaining("1001 members") });
  });
});

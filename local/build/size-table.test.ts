import path from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { functionOptions } from "./bundle-function.ts";
import { findExcess, formatSizes, measureFunction, type SizedFunction } from "./size-table.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** A source, bundled as if it were the entry of a function. */
async function measure(kind: SizedFunction["kind"], contents: string): Promise<SizedFunction> {
  const { metafile } = await build({
    ...functionOptions,
    absWorkingDir: root,
    stdin: { contents, sourcefile: path.join(root, "functions/planted/http.ts"), resolveDir: root, loader: "ts" },
    outdir: "dist/planted",
    write: false,
  });
  return { entry: "planted/http", kind, ...measureFunction(metafile) };
}

describe("a function over its budget", () => {
  test("is named with its size, its budget and what fills it", async () => {
    const planted = await measure("authorizer", `import pg from "pg"; export const handler = () => new pg.Pool();`);
    expect(findExcess([planted])).toEqual([
      expect.stringMatching(
        /^planted\/http loads [67]\d\.\d kB at its start; a function of kind authorizer may load 60\.0: pg 3\d\.\d, pg-protocol \d+\.\d, .* …$/,
      ),
    ]);
    expect(findExcess([{ ...planted, kind: "route" }])).toEqual([]);
  });

  test("is found by its own bytes, not by what it loads later", async () => {
    const planted = await measure("authorizer", `export const handler = () => import("pg");`);
    expect(planted.start).toBeLessThan(2_000);
    expect(planted.total).toBeGreaterThan(60_000);
    expect(findExcess([planted])).toEqual([]);
  });

  test("may have its whole budget", () => {
    const size = { entry: "planted/http", kind: "route", total: 0, parts: [] } as const;
    expect([199_999, 200_000, 200_001].map((start) => findExcess([{ ...size, start }]).length)).toEqual([0, 0, 1]);
  });
});

test("each function has its line, the largest first", () => {
  const lines = formatSizes([
    { entry: "a/http", kind: "route", start: 1_240, total: 2_000, parts: [] },
    { entry: "b/worker", kind: "worker", start: 100_000, total: 1_000_000, parts: [] },
  ]).split("\n");
  expect(lines.map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ["function", "kind", "start kB", "budget", "all kB"],
    ["b/worker", "worker", "100.0", "250.0", "1000.0"],
    ["a/http", "route", "1.2", "200.0", "2.0"],
  ]);
});

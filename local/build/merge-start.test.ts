import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { build, type Metafile } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { functionOptions } from "./bundle-function.ts";
import { mergeStart } from "./merge-start.ts";
import { listStart, measureFunction } from "./size-table.ts";

const sources = {
  "index.ts": `import { Problem } from "./problem.ts"; import { count } from "./count.ts"; import { tell } from "./tell.ts";
    export async function handler() {
      count();
      const [{ early }, { late }] = await Promise.all([import("./early.ts"), import("./late.ts")]);
      return { shared: early() instanceof Problem, told: tell(late()), counted: count() };
    }`,
  "problem.ts": "export class Problem extends Error {}",
  "count.ts": "let counted = 0; export const count = () => (counted += 1);",
  "tell.ts": "export const tell = (text: string) => `told ${text}`;",
  "early.ts": `import { Problem } from "./problem.ts"; import { count } from "./count.ts"; export const early = () => { count(); return new Problem(); };`,
  "late.ts": `import { tell } from "./tell.ts"; import { count } from "./count.ts"; export const late = () => { count(); return tell("late"); };`,
};
const Module = z.object({ handler: z.custom<() => unknown>((value) => typeof value === "function") });

let root = "";
let before: Metafile;
let after: Metafile;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "cognition-merge-"));
  for (const [file, text] of Object.entries({ ...sources, "package.json": '{ "type": "module" }' }))
    await writeFile(path.join(root, file), text);
  const entryPoints = { index: "index.ts" };
  ({ metafile: before } = await build({ ...functionOptions, absWorkingDir: root, entryPoints, outdir: "out" }));
  after = await mergeStart(root, before);
});
afterAll(async () => await rm(root, { recursive: true }));

test("a start that the bundler cut into chunks is one file", async () => {
  expect(listStart(before.outputs).chunks.length).toBeGreaterThan(2);
  expect(listStart(after.outputs).chunks).toEqual([]);
  expect(await readFile(path.join(root, "out/index.js"), "utf8")).not.toMatch(/from\s*"\.\//);
});

test("which shares what it holds with the code that is loaded later", async () => {
  const { handler } = Module.parse(await import(path.join(root, "out/index.js")));
  expect(await handler()).toEqual({ shared: true, told: "told told late", counted: 4 });
});

test("and is measured as it lies there", async () => {
  const { start, total, parts } = measureFunction(after);
  expect(start).toBe((await readFile(path.join(root, "out/index.js"))).byteLength);
  expect(total).toBeGreaterThan(start);
  expect(parts.map(({ name }) => name)).toEqual(expect.arrayContaining(["index.ts", "problem.ts", "count.ts", "tell.ts"]));
  expect(parts.map(({ name }) => name)).not.toContain("late.ts");
});

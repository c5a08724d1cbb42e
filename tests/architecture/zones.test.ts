import { readdir } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { functionTable, type Zone } from "../../functions/function-table.ts";
import { bundleFunction, functionOptions } from "../../local/build/bundle-function.ts";
import { measureFunction } from "../../local/build/size-table.ts";
import { findZoneBreaches } from "../../local/build/zone-walls.ts";

const root = path.resolve(import.meta.dirname, "../..");
const entries = Object.entries(functionTable).map(([entry, { zone }]) => [entry, zone] as const);
const bundled = await Promise.all(entries.map(async ([entry]) => await bundleFunction(root, entry, false)));

/** Bundles a planted source as if it stood at `file`, in the way a function is bundled. */
async function bundlePlanted(file: string, contents: string) {
  const { metafile } = await build({
    ...functionOptions,
    absWorkingDir: root,
    stdin: { contents, sourcefile: path.join(root, file), resolveDir: root, loader: "ts" },
    outdir: "dist/planted",
    write: false,
  });
  return metafile;
}

describe("zones", () => {
  test.each(entries.map(([entry, zone], index) => ({ entry, zone, metafile: bundled[index] })))(
    "$entry holds nothing that the $zone zone forbids",
    ({ zone, metafile }) => {
      expect(metafile === undefined ? undefined : findZoneBreaches(zone, metafile)).toEqual([]);
    },
  );

  test("every file of a service's folder is an entry with a zone, or part of one", async () => {
    const reached = new Set(bundled.flatMap(({ inputs }) => Object.keys(inputs)));
    const files = await readdir(path.join(root, "functions"), { recursive: true });
    const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file.includes("/"));

    expect(sources.filter((file) => !reached.has(`functions/${file}`))).toEqual([]);
  });

  test.each(["child", "worker"])("the sandbox's %s holds its engine and its own files alone", async (name) => {
    const program = await bundlePlanted(`shared/tools/sandbox/planted.ts`, `import "./shared/tools/sandbox/${name}.ts";`);

    expect(findZoneBreaches("program", program)).toEqual([]);
    expect(Object.keys(program.inputs).length).toBeGreaterThan(2);
  });

  test("a function starts without the code that it imports only when needed", async () => {
    const { start, total } = measureFunction(await bundlePlanted("functions/planner/http.ts", `export const load = () => import("yaml");`));

    expect(start).toBeGreaterThan(10);
    expect(start).toBeLessThan(1_000);
    expect(total).toBeGreaterThan(50_000);
  });
});

describe("a planted breach is caught:", () => {
  const planted: readonly [Zone | "program", string, string, readonly string[]][] = [
    ["hands", "a database client", `import pg from "pg"; export const handler = pg;`, ["pg", "pg-pool", "pg-protocol"]],
    ["hands", "a cache client, imported late", `export const handler = () => import("ioredis");`, ["ioredis"]],
    [
      "hands",
      "the embedded database, left outside the bundle",
      `export const handler = () => import("@electric-sql/pglite");`,
      ["@electric-sql/pglite"],
    ],
    ["hands", "the database's own folder", `export * from "./shared/platform/db/database.ts";`, ["shared/platform/db/database.ts"]],
    ["mind", "a model's client", `import OpenAI from "openai"; export const handler = OpenAI;`, ["openai"]],
    ["mind", "code of the hands", `export * from "./shared/llm/hands/provider.ts";`, ["shared/llm/hands/provider.ts"]],
    ["edge", "a database client", `import pg from "pg"; export const handler = pg;`, ["pg"]],
    ["edge", "a cache client", `import { Redis } from "ioredis"; export const handler = Redis;`, ["ioredis"]],
    [
      "sandbox",
      "a client of AWS",
      `import { SQSClient } from "@aws-sdk/client-sqs"; export const handler = SQSClient;`,
      ["@aws-sdk/client-sqs"],
    ],
    ["program", "what reads requests at the door", `import * as z from "zod"; export const handler = z.string();`, ["zod"]],
    ["program", "our own code", `export * from "./shared/platform/json.ts";`, ["shared/platform/json.ts"]],
    ["sandbox", "our own code", `export * from "./shared/platform/ids.ts";`, ["shared/platform/ids.ts"]],
  ];

  test.each(planted)("%s with %s", async (zone, _what, contents, expected) => {
    const breaches = findZoneBreaches(zone, await bundlePlanted("functions/planner/planted.ts", contents));

    expect(breaches).toEqual(expect.arrayContaining([...expected]));
  });

  test.each(["mind", "hands", "edge", "sandbox"] as const)("but nothing is, in an empty function of the %s zone", async (zone) => {
    const file = zone === "sandbox" ? "functions/tool-runner/sandbox.ts" : "functions/planner/planted.ts";

    expect(findZoneBreaches(zone, await bundlePlanted(file, `export const handler = () => 1;`))).toEqual([]);
  });
});

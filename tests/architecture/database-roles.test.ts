import path from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { type FunctionEntry, functionTable } from "../../functions/function-table.ts";
import { routeTable } from "../../functions/route-table.ts";
import { functionOptions } from "../../local/build/bundle-function.ts";

const root = path.resolve(import.meta.dirname, "../..");
const httpEntries = new Set<string>(routeTable.map(({ entry }) => entry));

/** What the login of a function may be; functions that have none name none. */
const roleOf = (entry: FunctionEntry): string[] => {
  if (httpEntries.has(entry)) return ["app"];
  if (entry === "orchestrator/conductor" || entry === "orchestrator/ledger") return ["engine"];
  return entry === "orchestrator/migrate" ? ["owner"] : [];
};

/** The roles that transactions of a function run as: each is a word in its code, and what no transaction uses is not in its bundle. */
async function listRoles(source: { entryPoints: string[] } | { stdin: { contents: string; resolveDir: string; loader: "ts" } }) {
  const { external: _, ...options } = { ...functionOptions, splitting: false, packages: "external" } as const;
  const { outputFiles } = await build({ ...options, ...source, outdir: "dist/roles", write: false, absWorkingDir: root });
  const texts = outputFiles.map(({ text }) => text).join("\n");
  return [...new Set([...texts.matchAll(/\brole:"(app|engine|owner)"/g)].map(([, role]) => role))];
}

const entries = Object.keys(functionTable).filter((entry): entry is FunctionEntry => Object.hasOwn(functionTable, entry));

describe("a function's transactions run as the one role that its login may be", () => {
  test.each(entries)("%s", async (entry) => {
    expect(await listRoles({ entryPoints: [`functions/${entry}.ts`] })).toEqual(roleOf(entry));
  });

  test("and one that takes on another is noticed", async () => {
    const contents = `import { sharedDatabase } from "./shared/platform/db/shared-database.ts";
      export const handler = async () => (await sharedDatabase("x")).transact({ role: "engine" }, (db) => db.query(""));`;

    expect(await listRoles({ stdin: { contents, resolveDir: root, loader: "ts" } })).toEqual(["engine"]);
  });
});

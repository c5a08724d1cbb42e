import { cp, mkdtemp, readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { functionTable } from "../../functions/function-table.ts";

/** What the bundles are made of. */
const SOURCES = ["functions", "shared", "migrations", "local/build", "local/build.ts", "package-lock.json"];

/**
 * A copy of what `npm run build` made, outside of this repository: a module that a bundle lacks must not be found around it, and a build
 * meanwhile changes nothing.
 * @throws Error that says what to do when there is no build, or one of older sources
 */
export async function copyBundles(root: string): Promise<string> {
  const built = await Promise.all(Object.keys(functionTable).map((entry) => timeOf(path.join(root, "dist/functions", entry, "index.js"))));
  if (built.includes(0)) throw new Error("There are no bundles of all functions: npm run build");
  const changed = await Promise.all(SOURCES.map((name) => newestOf(path.join(root, name))));
  if (Math.max(...changed) > Math.min(...built)) throw new Error("The bundles are older than their sources: npm run build");
  const copy = await mkdtemp(path.join(tmpdir(), "cognition-bundles-"));
  await cp(path.join(root, "dist/functions"), copy, { recursive: true });
  return copy;
}

async function timeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}

async function newestOf(place: string): Promise<number> {
  const found = await stat(place);
  if (!found.isDirectory()) return found.mtimeMs;
  const names = await readdir(place, { recursive: true });
  const files = names.filter((name) => !name.endsWith(".test.ts"));
  return Math.max(...(await Promise.all(files.map((name) => timeOf(path.join(place, name))))));
}

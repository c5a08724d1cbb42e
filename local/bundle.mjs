import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

/** @typedef {{ name: string, entryPoints: Record<string, string>, outdir: string, packages: "bundle" | "external" }} Bundle */

export const root = path.dirname(import.meta.dirname);
const outputFolder = path.join(root, "dist/local");

/** @type {Record<string, string>} */
export const commands = {
  dev: "local/dev.ts",
  goal: "cli/goal.ts",
  reset: "cli/reset.ts",
  migrate: "cli/migrate.ts",
  build: "local/build.ts",
  prepare: "local/prepare.ts",
};

/** What runs untrusted programs, with its engine inside and nothing beside it. */
const sandbox = {
  name: "sandbox",
  entryPoints: { child: "shared/tools/sandbox/child.ts", worker: "shared/tools/sandbox/worker.ts" },
  outdir: path.join(outputFolder, "sandbox"),
  packages: /** @type {const} */ ("bundle"),
};

/**
 * Bundles all commands and the sandbox, unless nothing changed since the last time.
 *
 * @param {string} command
 * @returns {Promise<string>} the file that holds the command's `main`
 */
export async function bundleCommands(command) {
  await refresh({ name: "commands", entryPoints: commands, outdir: outputFolder, packages: "external" });
  await bundleSandbox();
  return path.join(outputFolder, `${command}.js`);
}

/**
 * Bundles one file that is no command (a bench, a probe) and the sandbox, unless nothing changed since the last time.
 *
 * @param {string} file
 * @returns {Promise<string>} the bundled file
 */
export async function bundleScript(file) {
  if (fingerprint(file) === "absent") throw new Error(`There is no ${file}.`);
  const name = path
    .relative(root, file)
    .replace(/\.ts$/, "")
    .replaceAll(/[^\w-]+/g, "-");
  const outdir = path.join(outputFolder, "run");
  await refresh({ name: `run-${name}`, entryPoints: { [name]: file }, outdir, packages: "external" });
  await bundleSandbox();
  return path.join(outdir, `${name}.js`);
}

/** Bundles the sandbox's programs, which run as processes of their own, unless nothing changed since the last time. */
export async function bundleSandbox() {
  await refresh(sandbox);
}

/** @typedef {{ inputs: Record<string, string>, outputs: string[] }} Stamp */

/** @param {Bundle} bundle */
async function refresh(bundle) {
  const stampFile = path.join(outputFolder, `${bundle.name}.stamp.json`);
  if (isFresh(stampFile)) return;
  const started = Date.now();
  const { inputs, outputs } = await build(bundle);
  const watched = new Set([...inputs, ...Object.values(bundle.entryPoints), "local/bundle.mjs", "package-lock.json"]);
  /** @type {Stamp} */
  const stamp = { inputs: Object.fromEntries([...watched].map((file) => [file, fingerprint(file, started)])), outputs };
  replaceFile(stampFile, JSON.stringify(stamp));
  removeForgotten(bundle.outdir, outputs);
}

/** @param {string} stampFile */
function isFresh(stampFile) {
  try {
    /** @type {Stamp} */
    const { inputs, outputs } = JSON.parse(readFileSync(stampFile, "utf8"));
    return Object.entries(inputs).every(([file, seen]) => fingerprint(file) === seen) && outputs.every((file) => existsSync(file));
  } catch {
    return false;
  }
}

/**
 * @param {string} file
 * @param {number} before a file that was written at or after this time may have been read half-way: it fits no fingerprint
 */
function fingerprint(file, before = Number.POSITIVE_INFINITY) {
  const found = statSync(path.resolve(root, file), { throwIfNoEntry: false });
  if (found === undefined) return "absent";
  return found.mtimeMs < before ? `${found.mtimeMs} ${found.size}` : "written while it was read";
}

/** @param {Bundle} bundle */
async function build({ entryPoints, outdir, packages }) {
  const esbuild = await import("esbuild");
  const { metafile, outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => fingerprint(file) !== "absent")),
    outdir,
    packages,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    loader: { ".wasm": "binary" },
    sourcemap: "linked",
    metafile: true,
    write: false,
  });
  await esbuild.stop();
  for (const file of outputFiles) replaceFile(file.path, file.contents);
  return {
    inputs: Object.keys(metafile.inputs).filter((file) => !file.includes("node_modules/")),
    outputs: outputFiles.map((file) => file.path),
  };
}

const day = 86_400_000;

/**
 * A process that still runs may load its chunks at any time, so what an earlier build left stays for a day.
 *
 * @param {string} folder
 * @param {string[]} outputs
 */
function removeForgotten(folder, outputs) {
  if (!existsSync(folder)) return;
  const chunks = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.startsWith("chunk-"));
  for (const file of chunks.map(({ name }) => path.join(folder, name))) {
    if (outputs.includes(file)) continue;
    // Another process that bundles at this moment renames its own.
    const found = statSync(file, { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > day) rmSync(file, { force: true });
  }
}

/**
 * Another process that starts at this moment sees the old file or the new one, never a half of it.
 *
 * @param {string} file
 * @param {string | Uint8Array} contents
 */
function replaceFile(file, contents) {
  mkdirSync(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, contents);
  renameSync(unfinished, file);
}

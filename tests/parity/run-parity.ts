import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { installNode, type NodeBinary, ownNode } from "./node-binary.ts";
import { compareWorlds, describeWorld, parseReport, type WorldReport } from "./report.ts";

const USAGE = "Usage: npm run test:parity -- [--node MAJOR] [--world bundles|embedded] [--all], or files of tests/e2e\n";

/** Runs the e2e suite in one world, or in all, and says how many cases passed in each; 1 when a case failed or is missing in a world. */
export async function main(argv: string[]): Promise<number> {
  const wish = readWish(argv);
  if (wish === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const reports: WorldReport[] = [];
  for (const { world, node } of wish.worlds) reports.push(await runWorld(world, node, wish.files));
  const complaints = compareWorlds(reports);
  process.stdout.write(`\n${reports.map((report) => `${describeWorld(report)}\n`).join("")}`);
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  return complaints.length === 0 ? 0 : 1;
}

type World = { readonly world: "embedded" | "bundles" /** Undefined for the one that this runs on. */; readonly node?: string };

function readWish(argv: string[]): { worlds: World[]; files: string[] } | undefined {
  try {
    const options = { node: { type: "string" }, world: { type: "string", default: "bundles" }, all: { type: "boolean" } } as const;
    const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
    const { node, world, all } = values;
    if (world !== "embedded" && world !== "bundles") return undefined;
    const built: World = { world: "bundles" };
    if (all === true) return { worlds: [{ world: "embedded" }, built, { ...built, node: node ?? "24" }], files: positionals };
    return { worlds: [node === undefined ? { world } : { world, node }], files: positionals };
  } catch {
    return undefined;
  }
}

async function runWorld(world: World["world"], version: string | undefined, files: readonly string[]): Promise<WorldReport> {
  const node = version === undefined ? ownNode : await installNode(version);
  const folder = await mkdtemp(path.join(tmpdir(), "cognition-report-"));
  try {
    const started = Date.now();
    const file = path.join(folder, "report.json");
    const code = await runVitest(world, node, [...files, "--reporter=default", "--reporter=json", `--outputFile.json=${file}`]);
    const cases = parseReport(await readFile(file, "utf8").catch(() => '{"testResults":[]}'), code);
    return { name: world === "embedded" ? "embedded" : `bundles on Node ${node.version}`, seconds: (Date.now() - started) / 1_000, cases };
  } finally {
    await rm(folder, { recursive: true, force: true });
    await node.remove();
  }
}

async function runVitest(world: World["world"], node: NodeBinary, args: readonly string[]): Promise<number | null> {
  const root = process.env["COGNITION_ROOT"] ?? process.cwd();
  const command = [path.join(root, "node_modules/vitest/vitest.mjs"), "run", "--config", "vitest.parity.config.ts", ...args];
  const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
  const env = { ...process.env, ...quiet, COGNITION_WORLD: world, PARITY_NODE: node.file };
  const child = spawn(process.execPath, command, { cwd: root, env, stdio: "inherit" });
  await once(child, "close");
  return child.exitCode;
}

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { AwsSolutionsChecks } from "cdk-nag";
import { type FunctionEntry, functionTable } from "../../functions/function-table.ts";
import { buildApp } from "../../infra/build-app.ts";
import type { StageConfig } from "../../infra/config/stage-config.ts";
import { judgeFindings } from "../../infra/validation/acknowledged-rules.ts";
import { type OwnCode, readOwnCode } from "./code/read-own-code.ts";
import type { Synthesised } from "./rules/rule.ts";
import { readAssembly } from "./template/assembly.ts";

/** Bundled code cannot know it from its own place. */
const root = process.env["COGNITION_ROOT"] ?? path.resolve(import.meta.dirname, "../..");

/** Every function's own code, read once a test file. */
let code: Promise<Synthesised["code"]> | undefined;

/**
 * What a stage is synthesised to, with all validators, as `npm run synth` does it. Bundles stand in by files of one line: no rule looks
 * into them, and the code of functions is read from its sources.
 * @param switches other than the stage's own
 */
export async function synthesise(stage: StageConfig["stage"], switches: Readonly<Record<string, string>> = {}): Promise<Synthesised> {
  code ??= readCode();
  const place = mkdtempSync(path.join(tmpdir(), "cognition-synth-"));
  const home = process.cwd();
  try {
    layOut(place);
    // Bundles and migrations are named from the folder that the synthesis runs in.
    process.chdir(place);
    const outdir = path.join(place, "cdk");
    const { app, config } = buildApp({ root: place, outdir, context: { stage, ...switches } });
    app.synth();
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    const nag = judgeFindings("AwsSolutions", violations, config);
    return { assembly: readAssembly(outdir, stage), config, nag, code: await code };
  } finally {
    process.chdir(home);
    rmSync(place, { recursive: true, force: true });
  }
}

function layOut(place: string): void {
  for (const entry of Object.keys(functionTable)) {
    const folder = path.join(place, "dist/functions", entry);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "index.js"), `export const handler = () => "${entry}";\n`);
  }
  for (const name of ["migrations", "infra"]) symlinkSync(path.join(root, name), path.join(place, name));
}

async function readCode(): Promise<Synthesised["code"]> {
  const entries = Object.keys(functionTable) as FunctionEntry[];
  const found = await Promise.all(entries.map(async (entry) => [entry, await readOwnCode(root, entry)] as const));
  return Object.fromEntries(found) as Record<FunctionEntry, OwnCode>;
}

import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { App } from "aws-cdk-lib";
import { buildApp } from "./build-app.ts";
import { compareWithCli, listTemplates } from "./compare-with-cli.ts";
import { switches } from "./config/parse-switch.ts";
import { readStageConfig } from "./config/read-stage-config.ts";
import { formatSummary, summarizeTemplates } from "./summarize-assembly.ts";

type Context = Readonly<Record<string, string>>;

/** The stages that somebody pays for. */
const deployed = ["dev", "prod"];

/**
 * `npm run synth`: the templates of dev and prod, or of the stage that `-c stage=` names, in `dist/cdk/<stage>` or below `--output`, checked
 * by every validator. It needs no account, no network and no Docker. `--check` compares them with what the CDK's command line gives.
 */
export async function main(argv: string[]): Promise<number> {
  const root = process.env["COGNITION_ROOT"] ?? process.cwd();
  try {
    const { context, output, check } = readArguments(argv);
    const stages = context["stage"] === undefined ? deployed : [context["stage"]];
    const areValid = stages.map((stage) => synthesise(root, { ...context, stage }, resolve(root, output), check));
    return areValid.every(Boolean) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    return 1;
  }
}

/** Prints what the stage consists of, then what validators found; false when they found something. */
function synthesise(root: string, context: Context, output: string, check: boolean): boolean {
  const started = performance.now();
  // Before its name becomes that of a folder.
  const { stage } = readStageConfig((key) => context[key]);
  const outdir = join(output, stage);
  rmSync(outdir, { recursive: true, force: true });
  const { app } = buildApp({ root, context, outdir });
  const findings = validate(app);
  const stacks = summarizeTemplates(listTemplates(outdir).map((file) => join(outdir, file)));
  process.stdout.write(`${formatSummary(stage, stacks, (performance.now() - started) / 1_000)}\n`);
  if (findings !== undefined) process.stderr.write(`${findings}\n`);
  else if (check) process.stdout.write(`cdk synth gives the same ${compareWithCli({ root, outdir, context })} templates, byte for byte.\n`);
  process.stdout.write("\n");
  return findings === undefined;
}

/** Templates are written before they are judged. */
function validate(app: App): string | undefined {
  try {
    app.synth();
    return undefined;
  } catch (error) {
    if (existsSync(join(app.outdir, "manifest.json"))) return describe(error);
    throw error;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @throws Error for a switch that there is not: the CDK's own command line passes it over */
function readArguments(argv: string[]): { context: Context; output: string; check: boolean } {
  const { values } = parseArgs({
    args: argv,
    options: {
      context: { type: "string", short: "c", multiple: true },
      output: { type: "string", short: "o" },
      check: { type: "boolean" },
    },
  });
  const context = Object.fromEntries((values.context ?? []).map(splitContext));
  return { context, output: values.output ?? "dist/cdk", check: values.check ?? false };
}

function splitContext(text: string): [string, string] {
  const [, name = "", value = ""] = /^(\w+)=(.*)$/.exec(text) ?? [];
  const known = ["stage", ...switches];
  if (known.includes(name)) return [name, value];
  throw new Error(`-c ${text} sets no switch: write -c <switch>=<value> with one of ${known.join(", ")}.`);
}

import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildApp } from "./build-app.ts";
import { switches } from "./config/parse-switch.ts";
import { readStageConfig } from "./config/read-stage-config.ts";
import { formatSummary, summarizeTemplates } from "./summarize-assembly.ts";

type Context = Readonly<Record<string, string>>;

/** The stages that somebody pays for. */
const deployed = ["dev", "prod"];

/**
 * `npm run synth`: the templates of dev and prod, or of the stage that `-c stage=` names, in `dist/cdk/<stage>` or below `--output`, checked
 * by every validator. It needs no account, no network and no Docker.
 */
export async function main(argv: string[]): Promise<number> {
  const root = process.env["COGNITION_ROOT"] ?? process.cwd();
  try {
    const { context, output } = readArguments(argv);
    const stages = context["stage"] === undefined ? deployed : [context["stage"]];
    for (const stage of stages) process.stdout.write(`${synthesise(root, { ...context, stage }, output)}\n\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function synthesise(root: string, context: Context, output: string): string {
  const started = performance.now();
  // Before its name becomes that of a folder.
  const { stage } = readStageConfig((key) => context[key]);
  const outdir = resolve(root, output, stage);
  rmSync(outdir, { recursive: true, force: true });
  const { stacks } = buildApp({ root, context, outdir }).app.synth();
  const templates = summarizeTemplates(stacks.map(({ templateFullPath }) => templateFullPath));
  return formatSummary(stage, templates, (performance.now() - started) / 1_000);
}

/** @throws Error for a switch that there is not: the CDK's own command line passes it over */
function readArguments(argv: string[]): { context: Context; output: string } {
  const { values } = parseArgs({
    args: argv,
    options: { context: { type: "string", short: "c", multiple: true }, output: { type: "string", short: "o" } },
  });
  const context = Object.fromEntries((values.context ?? []).map(splitContext));
  return { context, output: values.output ?? "dist/cdk" };
}

function splitContext(text: string): [string, string] {
  const [, name = "", value = ""] = /^(\w+)=(.*)$/.exec(text) ?? [];
  const known = ["stage", ...switches];
  if (known.includes(name)) return [name, value];
  throw new Error(`-c ${text} sets no switch: write -c <switch>=<value> with one of ${known.join(", ")}.`);
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { App, Tags } from "aws-cdk-lib";
import { functionTable } from "../functions/function-table.ts";
import { readStageConfig } from "./config/read-stage-config.ts";
import type { StageConfig, StageName } from "./config/stage-config.ts";
import flags from "./feature-flags.json" with { type: "json" };
import { AppStack } from "./stacks/app-stack.ts";
import { DataStack } from "./stacks/data-stack.ts";
import { EdgeStack } from "./stacks/edge-stack.ts";

/**
 * Set here, after whatever cdk.json and the command line say, so that every way to synthesise gives the same bytes: no metadata of paths and
 * of the library's version, no warning that is not an error, and the whole report in the error.
 */
const fixed = {
  ...flags,
  "aws:cdk:enable-path-metadata": false,
  "aws:cdk:enable-asset-metadata": false,
  "aws:cdk:disable-stack-trace": true,
  "@aws-cdk/core:strictCfnValidateErrors": true,
  "@aws-cdk/core:failSynthOnValidationErrors": true,
  "@aws-cdk/core:appMode": "inmemory",
};

export type StackRole = "data" | "app" | "edge" | "observability";

/** The name of a stack in CloudFormation and on the command line. */
export const nameStack = (stage: StageName, role: StackRole): string => `cognition-${stage}-${role}`;

export type AppOptions = {
  /** The folder of the repository. */
  readonly root: string;
  /** Where templates and bundles go; the CLI says it by its environment. */
  readonly outdir?: string;
  /** `stage`, and switches that differ from the stage's. The CLI's come by its environment. */
  readonly context?: Readonly<Record<string, unknown>>;
};

/**
 * The stacks of one stage.
 * @throws Error with a sentence that names the fix
 */
export function buildApp({ root, outdir, context }: AppOptions): { app: App; config: StageConfig } {
  const app = new App({
    ...(outdir === undefined ? {} : { outdir }),
    ...(context === undefined ? {} : { context }),
    postCliContext: fixed,
    analyticsReporting: false,
    autoSynth: false,
  });
  const config = readStageConfig((key) => app.node.tryGetContext(key));
  requireBundles(root);
  const env = { region: config.region };
  const data = new DataStack(app, nameStack(config.stage, "data"), { env, config });
  const { api } = new AppStack(app, nameStack(config.stage, "app"), { env, config, data: data.resources });
  // An emulator has no distributions: there the API is called at its own address.
  if (config.stage !== "local") new EdgeStack(app, nameStack(config.stage, "edge"), { env, config, api });
  Tags.of(app).add("project", "cognition");
  Tags.of(app).add("stage", config.stage);
  return { app, config };
}

function requireBundles(root: string): void {
  const missing = Object.keys(functionTable).filter((entry) => !existsSync(join(root, "dist/functions", entry, "index.js")));
  if (missing.length > 0) throw new Error(`There is no bundle of ${missing.join(", ")}: run npm run build first.`);
}

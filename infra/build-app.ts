import { existsSync } from "node:fs";
import { join } from "node:path";
import { App, Tags, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { functionTable } from "../functions/function-table.ts";
import { acknowledge } from "./acknowledgements.ts";
import { readStageConfig } from "./config/read-stage-config.ts";
import type { StageConfig } from "./config/stage-config.ts";
import flags from "./feature-flags.json" with { type: "json" };
import { nameStack, type StackRole } from "./stack-names.ts";
import { AppStack } from "./stacks/app-stack.ts";
import { DataStack } from "./stacks/data-stack.ts";
import { EdgeStack } from "./stacks/edge-stack.ts";
import { ObservabilityStack } from "./stacks/observability-stack.ts";
import { acknowledgedRules } from "./validation/acknowledged-rules.ts";
import { stateMachineRules } from "./validation/state-machine-rules.ts";

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
  createStacks(app, config);
  Tags.of(app).add("project", "cognition");
  Tags.of(app).add("stage", config.stage);
  Validations.of(app).addPlugins(acknowledgedRules(new AwsSolutionsChecks(app), config), stateMachineRules);
  acknowledge(app, config);
  return { app, config };
}

/** Each stack stands on those before it. */
function createStacks(scope: App, config: StageConfig): void {
  const name = (role: StackRole) => nameStack(config.stage, role);
  // The account is whoever deploys; nothing in a template depends on which one it is.
  const props = { env: { region: config.region }, config };
  const { resources: data } = new DataStack(scope, name("data"), props);
  const app = new AppStack(scope, name("app"), { ...props, data });
  // An emulator has no distributions: there the API is called at its own address, and nobody is woken.
  if (config.stage === "local") return;
  new EdgeStack(scope, name("edge"), { ...props, api: app.api });
  new ObservabilityStack(scope, name("observability"), { ...props, app, data });
}

function requireBundles(root: string): void {
  const missing = Object.keys(functionTable).filter((entry) => !existsSync(join(root, "dist/functions", entry, "index.js")));
  if (missing.length > 0) throw new Error(`There is no bundle of ${missing.join(", ")}: run npm run build first.`);
}

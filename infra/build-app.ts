import { existsSync } from "node:fs";
import { join } from "node:path";
import { type App, Tags, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { functionTable } from "../functions/function-table.ts";
import { readStageConfig } from "./config/read-stage-config.ts";
import type { StageConfig } from "./config/stage-config.ts";
import { type AppOptions, createApp } from "./create-app.ts";
import { nameStack, type StackRole } from "./stack-names.ts";
import { AppStack } from "./stacks/app-stack.ts";
import { DataStack } from "./stacks/data-stack.ts";
import { EdgeStack } from "./stacks/edge-stack.ts";
import { ObservabilityStack } from "./stacks/observability-stack.ts";
import { acknowledgedRules } from "./validation/acknowledged-rules.ts";
import { stateMachineRules } from "./validation/state-machine-rules.ts";

/**
 * The stacks of one stage, from the bundles below `root`.
 * @throws Error with a sentence that names the fix
 */
export function buildApp({ root, ...options }: AppOptions & { readonly root: string }): { app: App; config: StageConfig } {
  const app = createApp(options);
  const config = readStageConfig((key) => app.node.tryGetContext(key));
  requireBundles(root);
  createStacks(app, config);
  for (const [name, value] of Object.entries({ project: "cognition", stage: config.stage })) {
    // A dashboard's tags are younger than what linters, and regions, know of CloudFormation.
    Tags.of(app).add(name, value, { excludeResourceTypes: ["AWS::CloudWatch::Dashboard"] });
  }
  addValidators(app, config);
  return { app, config };
}

function addValidators(app: App, config: StageConfig): void {
  Validations.of(app).addPlugins(stateMachineRules);
  // What AWS advises is of no use on an emulator, which has neither people nor data to protect.
  if (config.stage !== "local") Validations.of(app).addPlugins(acknowledgedRules(new AwsSolutionsChecks(app), config));
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
  const [first, ...others] = Object.keys(functionTable).filter((entry) => !existsSync(join(root, "dist/functions", entry, "index.js")));
  if (first === undefined) return;
  const count = others.length === 0 ? "" : ` and ${others.length} more`;
  throw new Error(`There is no bundle of ${first}${count}: run npm run build first.`);
}

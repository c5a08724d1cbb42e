import { App } from "aws-cdk-lib";
import flags from "./feature-flags.json" with { type: "json" };

/**
 * Set here, after whatever cdk.json and the command line say, so that every way to synthesise gives the same bytes: no metadata of paths and
 * of the library's version, but where each bundle lies, which `sam local invoke` reads; no warning that is not an error, and the whole report in
 * the error.
 */
const fixed = {
  ...flags,
  "aws:cdk:enable-path-metadata": false,
  "aws:cdk:enable-asset-metadata": true,
  "aws:cdk:disable-stack-trace": true,
  "@aws-cdk/core:strictCfnValidateErrors": true,
  "@aws-cdk/core:failSynthOnValidationErrors": true,
  "@aws-cdk/core:appMode": "inmemory",
};

export type AppOptions = {
  /** Where templates and bundles go; the CLI says it by its environment. */
  readonly outdir?: string;
  /** `stage`, and switches that differ from the stage's. The CLI's come by its environment. */
  readonly context?: Readonly<Record<string, unknown>>;
};

/** An app without stacks, which CDK's own validator judges: it knows CloudFormation, and its warnings count as errors here. */
export function createApp({ outdir, context }: AppOptions): App {
  return new App({
    ...(outdir === undefined ? {} : { outdir }),
    ...(context === undefined ? {} : { context }),
    postCliContext: fixed,
    analyticsReporting: false,
    autoSynth: false,
  });
}

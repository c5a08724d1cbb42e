import { buildApp } from "./build-app.ts";

/** What the CDK's command line starts, by cdk.json: the stacks of the stage in `-c stage=`, written where the command line says. */
export async function main(): Promise<number> {
  try {
    buildApp({ root: process.env["COGNITION_ROOT"] ?? process.cwd() }).app.synth();
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Of CDK's own habits: it writes a dependency also where a reference says it already. */
const ignored = ["W3005"];

export type Linted = { readonly outcome: "clean" | "skipped" | "refused"; readonly says: string };

/**
 * `npm run lint:templates`: cfn-lint on what `npm run synth` wrote. It knows limits that neither CloudFormation's schema nor cdk-nag knows, and
 * comes from another world than npm: where it is not installed this says so and lets everything pass.
 */
export async function main(): Promise<number> {
  const { outcome, says } = lintTemplates(join(process.env["COGNITION_ROOT"] ?? process.cwd(), "dist/cdk"));
  process[outcome === "clean" ? "stdout" : "stderr"].write(`${says}\n`);
  return outcome === "refused" ? 1 : 0;
}

/** @param folder with a folder for each stage */
export function lintTemplates(folder: string, command = "cfn-lint"): Linted {
  const files = listTemplates(folder);
  if (files.length === 0) return { outcome: "refused", says: `There are no templates in ${folder}: run npm run synth first.` };
  const { error, status, stdout } = spawnSync(command, ["--ignore-checks", ...ignored, "--template", ...files], { encoding: "utf8" });
  if (error !== undefined) {
    return {
      outcome: "skipped",
      says: `SKIPPED: ${files.length} templates were NOT linted, for there is no ${command} here. Install it by: pip install cfn-lint`,
    };
  }
  if (status === 0) return { outcome: "clean", says: `${command} finds nothing in ${files.length} templates.` };
  return { outcome: "refused", says: stdout.trim() };
}

/** Those of the stages that somebody pays for: an emulator is another thing. */
function listTemplates(folder: string): string[] {
  return ["dev", "prod"].flatMap((stage) => {
    const place = join(folder, stage);
    const files = existsSync(place) ? readdirSync(place) : [];
    return files.filter((file) => file.endsWith(".template.json")).map((file) => join(place, file));
  });
}

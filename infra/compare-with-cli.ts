import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:9";

type Comparison = { readonly root: string; readonly outdir: string; readonly context: Readonly<Record<string, string>> };

/**
 * Synthesises a stage once more, by the CDK's command line, without credentials and without a network. Gives the number of templates, which
 * are the same byte for byte.
 * @throws Error that names the first that differs
 */
export function compareWithCli({ root, outdir, context }: Comparison): number {
  const other = mkdtempSync(join(tmpdir(), "cognition-cdk-"));
  try {
    const switches = Object.entries(context).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    // The bundles stay as they are: what is compared is the synthesis.
    runCli(root, ["synth", "--quiet", "--build", "node --version", "--output", other, ...switches]);
    const templates = listTemplates(outdir);
    if (templates.join() !== listTemplates(other).join()) throw new Error(`cdk synth gives other stacks than ${templates.join(", ")}.`);
    const differing = templates.find((file) => !readFileSync(join(outdir, file)).equals(readFileSync(join(other, file))));
    if (differing !== undefined)
      throw new Error(`cdk synth gives another ${differing}: something depends on how or when it is synthesised.`);
    return templates.length;
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
}

export function listTemplates(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".template.json"))
    .toSorted();
}

function runCli(root: string, options: readonly string[]): void {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  const env = { ...Object.fromEntries(kept), HTTP_PROXY: NOWHERE, HTTPS_PROXY: NOWHERE, http_proxy: NOWHERE, https_proxy: NOWHERE };
  const { status, stderr } = spawnSync(process.execPath, [join(root, "node_modules/aws-cdk/bin/cdk"), ...options], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`cdk ${options[0]} ended with ${status}: ${stderr.trim()}`);
}

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { buildApp } from "../../infra/build-app.ts";

const root = path.resolve(import.meta.dirname, "../..");

function synth(...options: readonly string[]) {
  const argv = ["local/launch.mjs", "run", "infra/synth.ts", ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd: root, encoding: "utf8" });
  return { status, stdout, stderr };
}

it("ends with one sentence and nothing written for a stage that there is not, which names no folder either", { timeout: 60_000 }, () => {
  expect(synth("-c", "stage=../elsewhere")).toEqual({
    status: 1,
    stdout: "",
    stderr: 'There is no stage "../elsewhere": it is dev, prod or local.\n',
  });
});

it("refuses a switch that there is not, which the CDK's command line would pass over", { timeout: 60_000 }, () => {
  expect(synth("-c", "egres=nat")).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "-c egres=nat sets no switch: write -c <switch>=<value> with one of stage, region, egress, cache, acu, readers, registration, waf, retain, logDays, reservedConcurrency, model, openAiBaseUrl, alarmEmail.\n",
  });
});

it("asks for the bundles that there are not", () => {
  const empty = mkdtempSync(path.join(tmpdir(), "cognition-empty-"));
  try {
    expect(() => buildApp({ root: empty, outdir: empty, context: { stage: "dev" } })).toThrow(
      /^There is no bundle of gateway\/authorizer and \d+ more: run npm run build first\.$/,
    );
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
});

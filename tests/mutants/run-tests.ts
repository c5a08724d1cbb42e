import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";

export type TestRun = { readonly tests: readonly string[]; readonly needsServices?: boolean };
export type TestOutcome =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly test: string }
  | { readonly kind: "broken"; readonly reason: string };

const longestRun = 180_000;
const Report = z.object({
  success: z.boolean(),
  testResults: z.array(
    z.object({ message: z.string(), assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) }),
  ),
});

/** Runs test files in a tree and tells the first test that failed; files that do not load, and runs that hang, are broken, not failed. */
export async function runTests(tree: string, { tests, needsServices = false }: TestRun, env: NodeJS.ProcessEnv): Promise<TestOutcome> {
  const reportFile = path.join(tree, "test-report.json");
  await rm(reportFile, { force: true });
  const config = needsServices ? "vitest.services.config.ts" : "vitest.config.ts";
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", config, "--reporter=json", `--outputFile=${reportFile}`, ...tests];
  const child = spawn(process.execPath, args, { cwd: tree, env, stdio: "ignore", timeout: longestRun, killSignal: "SIGTERM" });
  await once(child, "close");
  if (child.signalCode !== null) return { kind: "broken", reason: "it did not end" };
  const text = await readFile(reportFile, "utf8").catch(() => undefined);
  return text === undefined ? { kind: "broken", reason: "nothing was run" } : judgeReport(text);
}

/** Reads the JSON report of a test run. */
export function judgeReport(text: string): TestOutcome {
  const { success, testResults } = Report.parse(JSON.parse(text));
  const assertions = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = assertions.find(({ status }) => status === "failed");
  if (failed !== undefined) return { kind: "failed", test: failed.fullName.trim() };
  if (success && assertions.some(({ status }) => status === "passed")) return { kind: "passed" };
  const message = testResults.map((result) => result.message).find((line) => line !== "");
  return { kind: "broken", reason: message?.split("\n", 1)[0] ?? "no test was run" };
}

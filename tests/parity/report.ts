import path from "node:path";
import * as z from "zod";

export type WorldReport = {
  readonly name: string;
  readonly seconds: number;
  /** Whether it passed, by file and full name of a case. */
  readonly cases: ReadonlyMap<string, boolean>;
};

const Report = z.object({
  testResults: z.array(
    z.object({ name: z.string(), assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })), status: z.string() }),
  ),
});

/**
 * What vitest's reporter wrote; of cases with the same name the later ones get a number. A file that failed outside of its cases counts as one more that did not pass, and so does vitest itself.
 * @param code that vitest ended with
 */
export function parseReport(json: string, code: number | null): WorldReport["cases"] {
  const { testResults } = Report.parse(JSON.parse(json));
  const cases = new Map<string, boolean>();
  for (const { name, assertionResults, status } of testResults) {
    const file = path.basename(name);
    const isPassed = ({ status: own }: { status: string }) => own === "passed";
    for (const [index, result] of assertionResults.entries()) {
      const before = assertionResults.slice(0, index).filter(({ fullName }) => fullName === result.fullName).length;
      cases.set(`${file}: ${result.fullName}${before === 0 ? "" : ` (${before + 1})`}`, isPassed(result));
    }
    if (status !== "passed" && assertionResults.every(isPassed)) cases.set(`${file}: its hooks`, false);
  }
  if (code !== 0 && ![...cases.values()].includes(false)) cases.set("vitest itself", false);
  return cases;
}

export function describeWorld({ name, seconds, cases }: WorldReport): string {
  return `${name}: ${countPassed(cases)} of ${cases.size} cases passed in ${Math.round(seconds)} s`;
}

/** What is not as it should be: a world without cases, a case that failed, or one that only some worlds know. */
export function compareWorlds(reports: readonly WorldReport[]): string[] {
  const all = new Set(reports.flatMap(({ cases }) => [...cases.keys()]));
  return reports.flatMap(({ name, cases }) => [
    ...(cases.size === 0 ? [`${name}: no case was tried.`] : []),
    ...(countPassed(cases) < cases.size ? [`${name}: ${cases.size - countPassed(cases)} cases failed.`] : []),
    ...[...all].filter((one) => !cases.has(one)).map((one) => `${name}: lacks the case "${one}", which another world has.`),
  ]);
}

function countPassed(cases: WorldReport["cases"]): number {
  return [...cases.values()].filter(Boolean).length;
}

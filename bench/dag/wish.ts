import { parseArgs } from "node:util";

/** `names`: of what is measured. `commitMs`: milliseconds that each flush of the server's log takes longer, as where its disk is a network away. */
export type Wish = { names: readonly string[]; repetitions: number; commitMs: number };

const REPETITIONS = 5;
/** The server can wait no longer. */
const LONGEST_COMMIT_MS = 100;

export function describeUsage(script: string, known: readonly string[]): string {
  return `Usage: npm run ${script} -- [--only ${known.join(",")}] [--repetitions N, ${REPETITIONS} by default] [--commit-ms N]\n`;
}

/** What a person wants of a bench that can measure what is `known`; undefined when that is nothing it can do. */
export function readWish(argv: string[], known: readonly string[]): Wish | undefined {
  try {
    const options = { only: { type: "string" }, repetitions: { type: "string" }, "commit-ms": { type: "string" } } as const;
    const { values } = parseArgs({ args: argv, options });
    const names = values.only?.split(",") ?? known;
    const repetitions = Number(values.repetitions ?? REPETITIONS);
    const commitMs = Number(values["commit-ms"] ?? 0);
    const canBe = Number.isInteger(repetitions) && repetitions > 0 && commitMs >= 0 && commitMs <= LONGEST_COMMIT_MS;
    return canBe && names.every((name) => known.includes(name)) ? { names, repetitions, commitMs } : undefined;
  } catch {
    return undefined;
  }
}

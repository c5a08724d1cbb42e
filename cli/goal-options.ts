import { parseArgs } from "node:util";
import { parseUsd } from "../shared/platform/money.ts";

export type GoalOptions = { goal: string; files: string[]; out: string | undefined; budget: string | undefined; json: boolean };

export const USAGE = `Usage: npm run goal -- "what is to be done" [--file PATH]… [--out DIR] [--budget USD] [--json]
  --file PATH   a file that the agents may read; may be repeated
  --out DIR     where the files of the run are copied to
  --budget USD  the most that the run may cost
  --json        one JSON document on standard output and nothing else (npm run -s goal -- …)
`;

/** Understands the arguments of `npm run goal`; a text says what is wrong with them. */
export function parseGoalOptions(argv: string[]): GoalOptions | string {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { file: { type: "string", multiple: true }, out: { type: "string" }, budget: { type: "string" }, json: { type: "boolean" } },
    });
    const [goal, ...rest] = positionals;
    if (goal === undefined || goal.trim() === "") return "There is no goal.";
    if (rest.length > 0) return "There is more than one goal: put it in quotes.";
    if (values.budget !== undefined && !isUsd(values.budget)) return `--budget takes dollars such as 0.25, not "${values.budget}".`;
    return { goal, files: values.file ?? [], out: values.out, budget: values.budget, json: values.json ?? false };
  } catch (error) {
    // What follows the first sentence is advice about other programs' options.
    return error instanceof Error ? error.message.replace(/\. .*|\.?$/s, ".") : String(error);
  }
}

function isUsd(text: string): boolean {
  try {
    parseUsd(text);
    return true;
  } catch {
    return false;
  }
}

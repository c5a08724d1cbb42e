import { listRepositoryFiles } from "../architecture/source-file.ts";
import { startServices } from "../services/start-services.ts";
import { mutants } from "./mutants.ts";
import { tryMutants, type Verdict } from "./try-mutants.ts";

/** Prints a line for each mutant with the test that caught it; 1 when one of them was not caught. Arguments choose mutants by name. */
export async function main(argv: readonly string[]): Promise<number> {
  const chosen = mutants.filter(({ name }) => argv.length === 0 || argv.some((part) => name.includes(part)));
  const services = chosen.some(({ needsServices }) => needsServices) ? await startServices(printError) : undefined;
  try {
    const addresses = services === undefined ? {} : { DATABASE_URL: services.databaseUrl, REDIS_URL: services.redisUrl };
    const root = process.env["COGNITION_ROOT"] ?? process.cwd();
    const verdicts = await tryMutants({ root, files: listRepositoryFiles(), env: { ...process.env, ...addresses } }, chosen, print);
    const missed = verdicts.filter(({ outcome }) => outcome.kind !== "failed");
    process.stdout.write(`${verdicts.length - missed.length} of ${verdicts.length} mutants caught\n`);
    return missed.length === 0 && verdicts.length > 0 ? 0 : 1;
  } finally {
    await services?.stop();
  }
}

function print({ mutant, outcome }: Verdict): void {
  process.stdout.write(`${mutant.name} (${mutant.invariant}) -> ${describeOutcome(outcome)}\n`);
}

function describeOutcome(outcome: Verdict["outcome"]): string {
  switch (outcome.kind) {
    case "failed":
      return outcome.test;
    case "passed":
      return "SURVIVED";
    case "broken":
      return `NOT TRIED: ${outcome.reason}`;
  }
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

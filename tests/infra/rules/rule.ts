import type { FunctionEntry } from "../../../functions/function-table.ts";
import type { StageConfig } from "../../../infra/config/stage-config.ts";
import type { Judged } from "../../../infra/validation/acknowledged-rules.ts";
import type { OwnCode } from "../code/read-own-code.ts";
import type { Assembly } from "../template/assembly.ts";

/** What a rule looks at: what a stage was synthesised to, the switches that it was made with, and the code of every function. */
export type Synthesised = {
  readonly assembly: Assembly;
  readonly config: StageConfig;
  readonly code: Readonly<Record<FunctionEntry, OwnCode>>;
  /** What cdk-nag finds. */
  readonly nag: Judged;
};

/** Gives each breach as a sentence; none when the rule holds. */
export type Rule = (synthesised: Synthesised) => readonly string[];

/** The sentences whose condition holds. */
export function saying(...findings: readonly (readonly [isBroken: boolean, sentence: string])[]): readonly string[] {
  return findings.filter(([isBroken]) => isBroken).map(([, sentence]) => sentence);
}

/** Says what one list lacks and what it has too much of, against another. */
export function compareLists(
  given: Iterable<string>,
  wanted: Iterable<string>,
  say: { readonly missing: (name: string) => string; readonly extra: (name: string) => string },
): readonly string[] {
  const [has, wants] = [new Set(given), new Set(wanted)];
  return [
    ...[...wants].filter((name) => !has.has(name)).map(say.missing),
    ...[...has].filter((name) => !wants.has(name)).map(say.extra),
  ].toSorted();
}

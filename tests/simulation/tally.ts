import { INVARIANTS, type Invariant } from "./checks.ts";
import { addCounts, FAULT_RATES, type Fault } from "./faults.ts";
import type { Outcome } from "./simulate.ts";

/** What many seeds came to. */
export type Tally = {
  seeds: number;
  runs: number;
  readonly faults: Partial<Record<Fault, number>>;
  /** What the logs of all runs say, by the kind of fact. */
  readonly facts: Record<string, number>;
  readonly checks: Partial<Record<Invariant, number>>;
  readonly violations: Partial<Record<Invariant, number>>;
  readonly failed: Pick<Outcome, "seed" | "violations" | "trace">[];
};

/** Decisions that are kept of a seed that failed. */
const LAST_DECISIONS = 30;

export function createTally(): Tally {
  return { seeds: 0, runs: 0, faults: {}, facts: {}, checks: {}, violations: {}, failed: [] };
}

export function addOutcome(tally: Tally, { seed, runs, faults, facts, counts, violations, trace }: Outcome): void {
  tally.seeds += 1;
  tally.runs += runs;
  addCounts(tally.faults, faults);
  addCounts(tally.facts, facts);
  addCounts(tally.checks, counts);
  for (const { invariant } of violations) addCounts(tally.violations, { [invariant]: 1 });
  if (violations.length > 0) tally.failed.push({ seed, violations, trace: trace.slice(-LAST_DECISIONS) });
}

export function addTally(into: Tally, { seeds, runs, faults, facts, checks, violations, failed }: Tally): void {
  into.seeds += seeds;
  into.runs += runs;
  addCounts(into.faults, faults);
  addCounts(into.facts, facts);
  addCounts(into.checks, checks);
  addCounts(into.violations, violations);
  into.failed.push(...failed);
}

/** The tables of faults, of what came of all, and of invariants. */
export function describeTally(tally: Tally): string {
  const faults = keysOf(FAULT_RATES).map((fault) => `  ${fault.padEnd(32)}${String(tally.faults[fault] ?? 0).padStart(9)}`);
  const invariants = keysOf(INVARIANTS).map((invariant) => {
    const counts = [tally.checks[invariant], tally.violations[invariant]].map((count) => String(count ?? 0).padStart(9));
    return `  ${invariant.padEnd(12)}${counts.join(" ")}  ${INVARIANTS[invariant]}`;
  });
  const facts = Object.entries(tally.facts)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([fact, count]) => `  ${fact.padEnd(46)}${String(count).padStart(9)}`);
  const head = `${tally.runs} runs of ${tally.seeds} seeds`;
  return [
    head,
    "faults",
    ...faults,
    "what the logs say",
    ...facts,
    `  ${"".padEnd(12)}${"checks".padStart(9)} ${"broken".padStart(9)}`,
    ...invariants,
  ].join("\n");
}

/** How a seed failed, its last decisions, and the command that does it all again. */
export function describeFailure({ seed, violations, trace }: Tally["failed"][number], options: string): string {
  return [
    `SEED ${seed} FAILED`,
    ...violations.slice(0, 8).map(({ invariant, detail }) => `  ${invariant}: ${detail}`),
    "its last decisions:",
    ...trace.map((line) => `  ${line.slice(0, 220)}`),
    `again: npm run test:simulation -- --seed ${seed} --runs 1${options}`,
  ].join("\n");
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(table) as Key[];
}

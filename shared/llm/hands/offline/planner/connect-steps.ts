import { unsupportedOffline } from "../../../../platform/errors.ts";
import { listSteps } from "../text/step-references.ts";
import { findNarrowing } from "./find-narrowing.ts";
import { readTables, type StepFacts } from "./study-step.ts";

type Edges = readonly ReadonlySet<number>[];

/**
 * Which steps each step waits for, as positions from 1, in order. Explicit references decide; a step without any is connected
 * by its words of order, by the results it speaks of and by the files it needs; else it is independent.
 * @throws AppError `unsupported_offline` for a reference to a missing step or to itself, a contradiction or a cycle
 */
export function connectSteps(steps: readonly StepFacts[]): readonly (readonly number[])[] {
  for (const step of steps) requireExisting(step, steps.length);
  const own = steps.map((step) => new Set(isExplicit(step) ? [...step.links.uses, ...step.links.follows] : implied(step, steps)));
  for (const step of steps) for (const later of step.links.precedes) own[later - 1]?.add(step.position);
  const edges = steps.map((step) => withParallel(step, steps, own));
  for (const step of steps) requireParallel(step, steps, edges);
  keepFileOrder(steps, edges);
  requireAcyclic(edges);
  return edges.map((set) => [...set].sort((a, b) => a - b));
}

function isExplicit({ links }: StepFacts): boolean {
  return links.uses.length + links.follows.length + links.besides.length > 0;
}

function requireExisting({ position, links }: StepFacts, count: number): void {
  for (const step of [...links.uses, ...links.follows, ...links.besides, ...links.precedes]) {
    if (step === position) throw unsupportedOffline(`step ${position} refers to itself`);
    if (step < 1 || step > count)
      throw unsupportedOffline(`step ${position} refers to step ${step}, and the goal has ${count === 1 ? "one step" : `${count} steps`}`);
  }
}

/** The steps that run beside a step, in either's words. */
function besides(step: StepFacts, steps: readonly StepFacts[]): readonly number[] {
  const said = step.order === "beside" && !isExplicit(step) && step.position > 1 ? [step.position - 1] : step.links.besides;
  const saidBack = steps.filter((other) => other.links.besides.includes(step.position)).map((other) => other.position);
  return [...new Set([...said, ...saidBack])];
}

function implied(step: StepFacts, steps: readonly StepFacts[]): readonly number[] {
  const earlier = steps.slice(0, step.position - 1);
  if (step.order === "beside" && earlier.length > 0) return [];
  const narrowing = findNarrowing(step, steps);
  const narrowed = narrowing === null ? [] : [narrowing.position];
  const found = [...byWordsOfOrder(step, earlier, steps), ...bySpokenResults(step, earlier), ...narrowed];
  return found.length > 0 ? found : byTableRead(step, earlier);
}

function byWordsOfOrder(step: StepFacts, earlier: readonly StepFacts[], steps: readonly StepFacts[]): readonly number[] {
  const previous = earlier.at(-1);
  if (step.order === null || previous === undefined) return [];
  if (step.order === "last") return sinks(earlier, steps);
  const group = new Set([previous.position]);
  for (const member of group) {
    const other = steps[member - 1];
    if (other !== undefined) for (const beside of besides(other, steps)) if (beside < step.position) group.add(beside);
  }
  return [...group];
}

/** Earlier steps that no earlier step waits for. */
function sinks(earlier: readonly StepFacts[], steps: readonly StepFacts[]): readonly number[] {
  const awaited = new Set(
    earlier.flatMap((step) => (isExplicit(step) ? [...step.links.uses, ...step.links.follows] : implied(step, steps))),
  );
  for (const step of earlier)
    for (const beside of besides(step, steps)) for (const needed of implied(steps[beside - 1] ?? step, steps)) awaited.add(needed);
  return earlier.map((step) => step.position).filter((position) => !awaited.has(position));
}

function bySpokenResults(step: StepFacts, earlier: readonly StepFacts[]): readonly number[] {
  const positions = earlier.map((other) => other.position);
  switch (step.speaksOf) {
    case "previous":
      return positions.slice(-1);
    case "all":
      return positions;
    case "pair": {
      const producers = earlier.filter((other) => other.kind !== "read" && other.kind !== "text");
      return producers.slice(-2).map((other) => other.position);
    }
    case null:
      return step.kind === "report" ? positions : [];
  }
}

/** A question that names no file is asked of the tables that earlier steps read. */
function byTableRead(step: StepFacts, earlier: readonly StepFacts[]): readonly number[] {
  if (step.kind !== "question" || readTables(step).length > 0) return [];
  return earlier.filter((other) => other.kind === "read" && readTables(other).length > 0).map((other) => other.position);
}

function withParallel(step: StepFacts, steps: readonly StepFacts[], own: Edges): Set<number> {
  const shared = new Set(own[step.position - 1]);
  const said = step.order === "beside" && !isExplicit(step) && step.position > 1 ? [step.position - 1] : step.links.besides;
  const group = new Set([step.position, ...said]);
  for (const member of group) {
    for (const needed of own[member - 1] ?? []) shared.add(needed);
    for (const beside of steps[member - 1]?.links.besides ?? []) group.add(beside);
  }
  shared.delete(step.position);
  return shared;
}

function requireParallel(step: StepFacts, steps: readonly StepFacts[], edges: Edges): void {
  for (const beside of besides(step, steps)) {
    if (!reaches(step.position, beside, edges)) continue;
    throw unsupportedOffline(`step ${step.position} cannot run in parallel with step ${beside} and also wait for it`);
  }
}

/** Whether `from` waits for `to`, directly or through others. */
function reaches(from: number, to: number, edges: Edges): boolean {
  const seen = new Set<number>([from]);
  for (const step of seen) for (const needed of edges[step - 1] ?? []) seen.add(needed);
  return from !== to && seen.has(to);
}

/** Steps that touch one file, one of them writing it, keep the order in which they stand in the goal. */
function keepFileOrder(steps: readonly StepFacts[], edges: readonly Set<number>[]): void {
  for (const later of steps) {
    for (const earlier of steps.slice(0, later.position - 1)) {
      const meets =
        later.reads.some((path) => earlier.writes.includes(path)) ||
        later.writes.some((path) => earlier.writes.includes(path) || earlier.reads.includes(path));
      if (!meets || reaches(later.position, earlier.position, edges) || reaches(earlier.position, later.position, edges)) continue;
      edges[later.position - 1]?.add(earlier.position);
    }
  }
}

function requireAcyclic(edges: Edges): void {
  for (const [index] of edges.entries()) {
    const position = index + 1;
    const cycle = [...(edges[index] ?? [])].filter((needed) => needed === position || reaches(needed, position, edges));
    if (cycle.length > 0) throw unsupportedOffline(`step ${position} and ${listSteps(cycle)} wait for each other`);
  }
}

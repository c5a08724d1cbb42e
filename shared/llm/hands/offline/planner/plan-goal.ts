import { unsupportedOffline } from "../../../../platform/errors.ts";
import type { Plan, PlannedTask } from "../calls.ts";
import { explainLimit, WHAT_HELPS } from "../limits.ts";
import { findPaths, isTablePath } from "../text/paths.ts";
import { connectSteps } from "./connect-steps.ts";
import { findNarrowing } from "./find-narrowing.ts";
import { nameStep } from "./name-step.ts";
import { numberReferences } from "./number-references.ts";
import { splitGoal } from "./split-goal.ts";
import { readTables, type StepFacts, type StepKind, studyStep } from "./study-step.ts";
import { describeTask } from "./task-note.ts";

const MOST_STEPS = 200;
const LONGEST_DESCRIPTION = 20_000;

/**
 * One task per step of the goal. A step that no rule can do is planned too: it fails when its turn comes, after the others did
 * what they could.
 * @param files paths in the workspace
 * @throws AppError `unsupported_offline` when no plan can be made: no step, too many, or references that cannot be followed
 */
export function planGoal(goal: string, files: readonly string[]): Plan {
  const { preamble, steps } = splitGoal(goal, files);
  if (steps.length === 0) throw unsupportedOffline("the goal names nothing to do");
  if (steps.length > MOST_STEPS)
    throw unsupportedOffline(`the goal has ${steps.length} steps; the offline rules plan at most ${MOST_STEPS}`);
  const tooLong = steps.findIndex((step) => step.length > LONGEST_DESCRIPTION);
  if (tooLong !== -1) throw unsupportedOffline(`step ${tooLong + 1} is longer than ${LONGEST_DESCRIPTION} characters`);
  const canonical = numberReferences(steps);
  const facts = canonical.map((step, index) => studyStep(step, index + 1, files));
  const edges = connectSteps(facts);
  const introduced = findPaths(preamble, files).map((span) => span.path);
  const tasks = steps.map((step, index): PlannedTask => {
    const known = facts[index];
    const inputs = edges[index] ?? [];
    const tables = tablesBefore(index, facts, introduced.filter(isTablePath), files);
    const kind = known?.kind ?? "unknown";
    const narrowing = known === undefined ? null : findNarrowing(known, facts);
    const narrowedBy = narrowing?.isSure ? narrowing.position : null;
    const description = describeTask(step, { step: index + 1, inputs, tables, narrowedBy, text: canonical[index]?.trim() ?? step });
    if (description.length > LONGEST_DESCRIPTION) throw unsupportedOffline(`step ${index + 1} is too long to be planned`);
    return {
      id: `step-${index + 1}`,
      name: nameStep(known?.links.work ?? step),
      description,
      required_capabilities: toolsOf(kind, known),
      dependencies: inputs.map((position) => `step-${position}`),
      ...EFFORT[kind],
      fallback_strategy: "fail",
    };
  });
  return { tasks, risks: facts.filter((step) => step.kind === "unknown").map(describeRisk) };
}

const EFFORT: Readonly<Record<StepKind, { readonly complexity: PlannedTask["complexity"]; readonly estimated_duration_seconds: number }>> =
  {
    read: { complexity: "low", estimated_duration_seconds: 1 },
    arithmetic: { complexity: "low", estimated_duration_seconds: 1 },
    text: { complexity: "low", estimated_duration_seconds: 1 },
    write: { complexity: "low", estimated_duration_seconds: 1 },
    report: { complexity: "medium", estimated_duration_seconds: 1 },
    question: { complexity: "medium", estimated_duration_seconds: 2 },
    unknown: { complexity: "high", estimated_duration_seconds: 1 },
  };

const TOOLS: Readonly<Record<StepKind, readonly string[]>> = {
  read: ["read_file", "execute_javascript"],
  arithmetic: ["execute_javascript"],
  text: ["write_file"],
  write: ["write_file"],
  report: ["write_file"],
  question: ["execute_javascript"],
  unknown: [],
};

function toolsOf(kind: StepKind, facts: StepFacts | undefined): readonly string[] {
  const writes = facts !== undefined && facts.writes.length > 0 ? ["write_file"] : [];
  return [...new Set([...TOOLS[kind], ...writes])];
}

/** The tables a step may mean when it names none: those the goal spoke of before it, else any in the workspace it speaks of. */
function tablesBefore(
  index: number,
  facts: readonly StepFacts[],
  introduced: readonly string[],
  files: readonly string[],
): readonly string[] {
  const before = [...introduced, ...facts.slice(0, index).flatMap(readTables)];
  return [...new Set(before.length > 0 ? before : facts.flatMap(readTables).filter((path) => files.includes(path)))];
}

function describeRisk({ position, links }: StepFacts): string {
  return `step ${position} is outside the offline rules: ${explainLimit(links.work) ?? "no rule covers it"}; ${WHAT_HELPS}`;
}

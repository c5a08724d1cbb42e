import type { LlmCall } from "../../../contract.ts";
import { ExecutorVariables } from "../calls.ts";
import { readTaskNote } from "../planner/task-note.ts";
import { listResults, parseResult, type SingleResult } from "../results.ts";
import { findLinks, numberSteps, type StepLinks } from "../text/step-references.ts";

/** The result of a step this one depends on; empty when another model wrote it in a shape of its own. */
export type StepInput = { readonly step: number; readonly name: string; readonly results: readonly SingleResult[] };

export type StepContext = {
  readonly step: number;
  readonly name: string;
  readonly goal: string;
  readonly links: StepLinks;
  readonly inputs: readonly StepInput[];
  /** Tables that the goal spoke of before this step. */
  readonly tables: readonly string[];
  /** The step whose rows are meant where the step names no table; null for whole tables. */
  readonly narrowedBy: number | null;
  /** Paths in the workspace. */
  readonly files: readonly string[];
};

/** What the executor knows of its task. The planner's note gives the step numbers; without one, ordinals stand for them. */
export function readStepContext(call: LlmCall): StepContext {
  const { goal, task, files } = ExecutorVariables.parse(call.variables);
  const note = readTaskNote(task.description);
  const step = note?.step ?? task.ordinal;
  const numbers = note !== null && note.inputs.length === call.inputs.length ? note.inputs : call.inputs.map((input) => input.ordinal);
  const inputs = call.inputs.map((input, index): StepInput => {
    const result = parseResult(input.result);
    return { step: numbers[index] ?? input.ordinal, name: input.name, results: result === null ? [] : listResults(result) };
  });
  return {
    step,
    name: task.name,
    goal,
    links: findLinks(note?.text ?? numberSteps(task.description.trim(), step)),
    inputs,
    tables: note?.tables ?? [],
    narrowedBy: note?.narrowedBy ?? null,
    files: files.map((file) => file.path),
  };
}

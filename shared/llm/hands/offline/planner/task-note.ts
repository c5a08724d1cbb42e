/**
 * The last paragraph of a planned task's description: what the planner knows and the executor cannot see in the step itself.
 * Plain words, because people read it too.
 */
export type TaskNote = {
  readonly step: number;
  /** Steps this one depends on, in order: the executor's inputs, one each. */
  readonly inputs: readonly number[];
  /** Tables of the workspace that the goal speaks of before this step. */
  readonly tables: readonly string[];
  /** The step that narrowed down the rows which this step speaks of; null when it means whole tables. */
  readonly narrowedBy: number | null;
  /** The step with its references written as step numbers. */
  readonly text: string;
};

const MARK = "\n\n[offline-rules-v1] ";

export function describeTask(step: string, note: TaskNote): string {
  const parts = [
    `step ${note.step}`,
    `inputs ${note.inputs.length === 0 ? "none" : note.inputs.join(", ")}`,
    ...(note.narrowedBy === null ? [] : [`rows of step ${note.narrowedBy}`]),
    ...(note.tables.length === 0 ? [] : [`tables ${note.tables.join(" | ")}`]),
  ];
  return `${step}${MARK}${parts.join("; ")}${note.text === step ? "" : `; meaning: ${note.text}`}`;
}

/** @returns null for a description that the offline planner did not write */
export function readTaskNote(description: string): TaskNote | null {
  const at = description.lastIndexOf(MARK);
  if (at === -1) return null;
  const line = description.slice(at + MARK.length);
  const match = /^step (\d+); inputs (none|\d+(?:, \d+)*)(?:; rows of step (\d+))?(?:; tables ([^;]+))?(?:; meaning: ([\s\S]+))?$/u.exec(
    line,
  );
  if (match === null) return null;
  const [, step = "", inputs = "", narrowing, tables, meaning] = match;
  return {
    step: Number(step),
    inputs: inputs === "none" ? [] : inputs.split(", ").map(Number),
    narrowedBy: narrowing === undefined ? null : Number(narrowing),
    tables: tables === undefined ? [] : tables.split(" | "),
    text: meaning ?? description.slice(0, at),
  };
}

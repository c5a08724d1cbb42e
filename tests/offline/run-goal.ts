import type { JsonValue } from "../../shared/platform/json.ts";

/** What a goal came to, however it was run: in memory, or over HTTP by a server. */
export type GoalRun = {
  readonly status: "completed" | "failed";
  readonly error?: string;
  readonly tasks: readonly GoalTask[];
  /** Every file of the workspace afterwards: path to text. */
  readonly files: Readonly<Record<string, string>>;
};

export type GoalTask = {
  readonly ordinal: number;
  readonly name: string;
  readonly status: string;
  /** Ordinals. */
  readonly depends_on: readonly number[];
  readonly result: JsonValue;
  readonly error?: string;
};

/** The seam of the offline tests: runs one goal over some files. */
export type RunGoal = (goal: { readonly goal: string; readonly files: Readonly<Record<string, string>> }) => Promise<GoalRun>;

import * as z from "zod";
import type { JsonValue } from "../../../platform/json.ts";

/** What the offline executor hands on as the result of a task, and reads back as the input of the next. */

const Counts = z.record(z.string(), z.number());

/** `columns` and `rows` are there for a CSV file that was read; `preview` for any file that was read. */
export const FileResult = z.object({
  kind: z.literal("file"),
  path: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  columns: z.array(z.string()).exactOptional(),
  rows: z.number().exactOptional(),
  preview: z.string().exactOptional(),
});
export type FileResult = z.infer<typeof FileResult>;

export const Cell = z.union([z.string(), z.number(), z.null()]);
export type Cell = z.infer<typeof Cell>;

/**
 * Numbers carry full double precision; null is the mean, min, max or median of nothing. `left_out` counts empty cells per column
 * that were left out of an aggregate or of the groups, `left_out_per_group` the same per group, `left_out_of_filter` those that
 * could not be compared. `source` is the file the rows come from, `filter` the condition they meet. Rows are `rows` of the source
 * or `groups` of them. Where there are too many rows to hand on, `rows` are only the first of `total_rows`, and `recipe` says how the
 * sandbox chooses all of them again.
 */
export const TableResult = z.object({
  kind: z.literal("table"),
  title: z.string(),
  of: z.enum(["rows", "groups"]),
  columns: z.array(z.string()),
  rows: z.array(z.array(Cell)),
  total_rows: z.number().exactOptional(),
  recipe: z.json().exactOptional(),
  left_out: Counts,
  left_out_per_group: z.array(z.object({ group: z.array(z.string()), column: z.string(), cells: z.number() })),
  left_out_of_filter: Counts,
  source: z.string().nullable(),
  filter: z.string().nullable(),
});
export type TableResult = z.infer<typeof TableResult>;

/** `exact` holds the decimal digits where `value`, a double, cannot. */
export const NumberResult = z.object({
  kind: z.literal("number"),
  label: z.string(),
  value: z.number(),
  exact: z.string().exactOptional(),
  left_out: Counts,
  left_out_of_filter: Counts,
  source: z.string().nullable(),
  filter: z.string().nullable(),
});
export type NumberResult = z.infer<typeof NumberResult>;

const Single = z.discriminatedUnion("kind", [FileResult, TableResult, NumberResult]);
export type SingleResult = z.infer<typeof Single>;

/** A task that did several things hands on all of them in order. */
export const ResultList = z.object({ kind: z.literal("results"), items: z.array(Single).min(1) });

export const TaskResult = z.discriminatedUnion("kind", [FileResult, TableResult, NumberResult, ResultList]);
export type TaskResult = z.infer<typeof TaskResult>;

/** @returns null for a result that another model wrote */
export function parseResult(result: JsonValue): TaskResult | null {
  const parsed = TaskResult.safeParse(result);
  return parsed.success ? parsed.data : null;
}

export function listResults(result: TaskResult): readonly SingleResult[] {
  return result.kind === "results" ? result.items : [result];
}

export function gatherResults(results: readonly SingleResult[]): TaskResult {
  const [only] = results;
  return only !== undefined && results.length === 1 ? only : { kind: "results", items: [...results] };
}

export function countRows({ rows, total_rows }: TableResult): number {
  return total_rows ?? rows.length;
}

/** The digits of a number result as a person would copy them. */
export function digitsOf(result: NumberResult): string {
  return result.exact ?? String(result.value);
}

import type { InputValue } from "../../contract.ts";
import type { ReviewVariables, SummarizerAnswer } from "./calls.ts";
import { countRows, digitsOf, listResults, parseResult, type SingleResult } from "./results.ts";

const LONGEST_POINT = 1_800;
const LONGEST_SUMMARY = 15_000;
const MOST_ROWS = 20;

/** Extracts: what was asked, what became of each task, and the figures as the results hold them. Nothing is put in other words. */
export function summarizeRun({ goal, tasks }: ReviewVariables, inputs: readonly InputValue[]): SummarizerAnswer {
  const points = tasks.flatMap((task) => {
    const input = inputs.find((candidate) => candidate.ordinal === task.ordinal);
    const result = input === undefined ? null : parseResult(input.result);
    return result === null ? [] : listResults(result).map((single) => cut(`${task.name}: ${quoteResult(single)}`, LONGEST_POINT));
  });
  const completed = tasks.filter((task) => task.status === "completed").length;
  const others = tasks.filter((task) => task.status !== "completed").map((task) => `${task.name}: ${task.status}.`);
  const lines = [`Goal: ${cut(goal.trim(), 4_000)}`, `${completed} of ${tasks.length} tasks completed.`, ...others, ...points];
  return {
    summary: cut(lines.join("\n"), LONGEST_SUMMARY),
    key_points: points,
    confidence: tasks.length === 0 ? 0 : completed / tasks.length,
  };
}

function quoteResult(result: SingleResult): string {
  switch (result.kind) {
    case "number":
      return `${result.label} = ${digitsOf(result)}`;
    case "file":
      return result.columns === undefined
        ? `${result.path} (${result.bytes} bytes)`
        : `${result.path} (${result.rows ?? 0} rows, ${result.columns.length} columns)`;
    case "table": {
      const rows = result.rows.slice(0, MOST_ROWS).map((row) => row.map((cell) => cell ?? "no value").join(" "));
      const others = countRows(result) - rows.length;
      const rest = others > 0 ? `; and ${others} more rows` : "";
      return `${result.title} (${result.columns.join(", ")}): ${rows.join("; ")}${rest}`;
    }
  }
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

import type { FileResult, NumberResult, SingleResult, TableResult } from "../results.ts";
import { cellForReport, numberForReport } from "./format-numbers.ts";

/** A result with the step it comes from; null for one made in the step that writes it. */
export type Section = { readonly step: number | null; readonly name: string; readonly result: SingleResult };

/** A report: the goal, one section per result with its table or number, what was left out, and the sources. */
export function renderReport(goal: string, sections: readonly Section[]): string {
  const body = sections.flatMap((section) => [`## ${headingOf(section)}`, ...renderResult(section.result)]);
  const sources = [...new Set(sections.flatMap(({ result }) => sourceOf(result)))];
  const ending = sources.length === 0 ? [] : ["## Sources", sources.map((source) => `- \`${source}\``).join("\n")];
  const notes = sections.some(({ result }) => result.kind !== "file" && hasFraction(result))
    ? ["Numbers are rounded to four decimals at most."]
    : [];
  return `${["# Report", quoteGoal(goal), ...body, ...notes, ...ending].join("\n\n")}\n`;
}

/** Results alone, each under its title. */
export function renderMarkdown(sections: readonly Section[]): string {
  return `${sections.flatMap(({ result }) => [`## ${titleOf(result)}`, ...renderResult(result)]).join("\n\n")}\n`;
}

export function titleOf(result: SingleResult): string {
  if (result.kind === "table") return result.title;
  return result.kind === "number" ? result.label : result.path;
}

function headingOf({ step, name, result }: Section): string {
  const title = oneLine(titleOf(result));
  if (step === null) return title;
  return result.kind === "file" ? `${step}. ${oneLine(name)}` : `${step}. ${title}`;
}

function renderResult(result: SingleResult): string[] {
  if (result.kind === "table") return [renderTable(result), ...cutNotes(result), ...leftOutNotes(result)];
  if (result.kind === "number") return [`${oneLine(result.label)}: **${numberForReport(result)}**`, ...leftOutNotes(result)];
  return [renderFile(result)];
}

function renderTable({ columns, rows }: TableResult): string {
  const isNumeric = columns.map(
    (_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === "number" || row[index] === null),
  );
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(" | ")} |`;
  const rule = `| ${isNumeric.map((numeric) => (numeric ? "---:" : "---")).join(" | ")} |`;
  return [line(columns), rule, ...rows.map((row) => line(row.map(cellForReport)))].join("\n");
}

function cutNotes({ rows, total_rows }: TableResult): string[] {
  return total_rows === undefined ? [] : [`These are the first ${rows.length} of ${total_rows} rows.`];
}

function renderFile(result: FileResult): string {
  const columns =
    result.columns === undefined
      ? ""
      : `, ${result.rows ?? 0} rows, columns ${result.columns.map((name) => `\`${oneLine(name)}\``).join(", ")}`;
  return `\`${result.path}\`: ${result.bytes} bytes${columns}`;
}

/** Sentences on the empty cells that a figure does not cover. */
export function leftOutNotes(result: TableResult | NumberResult): string[] {
  const notes = Object.entries(result.left_out).map(([column, cells]) => {
    const groups = result.kind === "table" ? result.left_out_per_group.filter((one) => one.column === column) : [];
    const detail = groups.map((one) => `${one.group.join(" / ")}: ${one.cells}`).join(", ");
    return `Left out: ${countCells(cells)} of \`${oneLine(column)}\`${detail === "" ? "" : ` (${oneLine(detail)})`}.`;
  });
  const compared = Object.entries(result.left_out_of_filter).map(
    ([column, cells]) => `Not compared by the condition: ${countCells(cells)} of \`${oneLine(column)}\`.`,
  );
  return [...notes, ...compared];
}

function countCells(cells: number): string {
  return cells === 1 ? "1 empty cell" : `${cells} empty cells`;
}

function sourceOf(result: SingleResult): string[] {
  if (result.kind === "file") return [result.path];
  return result.source === null ? [] : [result.source];
}

function hasFraction(result: TableResult | NumberResult): boolean {
  const isFraction = (value: unknown): boolean => typeof value === "number" && !Number.isInteger(value);
  return result.kind === "number" ? isFraction(result.value) : result.rows.some((row) => row.some(isFraction));
}

function quoteGoal(goal: string): string {
  return goal
    .trim()
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

function escapeCell(text: string): string {
  return oneLine(text).replaceAll("\\", "\\\\").replaceAll("|", "\\|");
}

/** A cell of several lines in one. */
export function oneLine(text: string): string {
  return text.replace(/\s*\r?\n\s*/gu, " ");
}

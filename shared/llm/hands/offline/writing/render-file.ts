import { unsupportedOffline } from "../../../../platform/errors.ts";
import type { JsonValue } from "../../../../platform/json.ts";
import type { SingleResult, TableResult } from "../results.ts";
import { extensionOf } from "../text/paths.ts";
import { cellForData, cellForReport, numberForData } from "./format-numbers.ts";
import { oneLine, renderMarkdown, renderReport, type Section, titleOf } from "./render-markdown.ts";

/**
 * The text of a file made of results, in the format that its extension names.
 * @throws AppError `unsupported_offline` for another extension, or for results that the format cannot hold
 */
export function renderSections(path: string, sections: readonly Section[], report: boolean, goal: string): string {
  const extension = extensionOf(path);
  const cut = sections.map(({ result }) => result).find((result) => result.kind === "table" && result.total_rows !== undefined);
  if (cut !== undefined && !report) throw unsupportedOffline(`"${titleOf(cut)}" has more rows than can be handed on and written`);
  if (extension === "md" || extension === "markdown") return report ? renderReport(goal, sections) : renderMarkdown(sections);
  if (report) throw unsupportedOffline(`a report is written as Markdown, and ${path} does not end in .md`);
  switch (extension) {
    case "txt":
      return renderText(sections);
    case "csv":
      return renderCsv(sections.map((section) => section.result));
    case "json":
      return `${JSON.stringify(renderJson(sections), null, 2)}\n`;
    default:
      throw unsupportedOffline(`results are written to .md, .txt, .csv and .json files, and ${path} is none`);
  }
}

/** One number alone is just its digits. */
function renderText(sections: readonly Section[]): string {
  const [only] = sections;
  if (only !== undefined && sections.length === 1 && only.result.kind === "number") return `${numberForData(only.result)}\n`;
  return `${sections.map(({ result }) => textOf(result)).join("\n\n")}\n`;
}

function textOf(result: SingleResult): string {
  if (result.kind === "number") return `${result.label}: ${numberForData(result)}`;
  if (result.kind === "file") return `${result.path}: ${result.bytes} bytes`;
  const rows = [result.columns, ...result.rows.map((row) => row.map(cellForReport))].map((row) => row.map(oneLine));
  const widths = result.columns.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [result.title, ...lines].join("\n");
}

function renderCsv(results: readonly SingleResult[]): string {
  const [only] = results;
  if (only === undefined || results.length > 1)
    throw unsupportedOffline(`a CSV file holds one table, and there are ${results.length} results`);
  if (only.kind === "file") throw unsupportedOffline(`${titleOf(only)} is a file, not a table`);
  if (only.kind === "number") return csvOf([[only.label], [numberForData(only)]]);
  return csvOf([only.columns, ...only.rows.map((row) => row.map(cellForData))]);
}

function csvOf(rows: readonly (readonly string[])[]): string {
  const escape = (cell: string): string => (/[",\r\n]/u.test(cell) || cell.trim() !== cell ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((row) => `${row.map(escape).join(",")}\n`).join("");
}

function renderJson(sections: readonly Section[]): JsonValue {
  const values = sections.map(({ result }): JsonValue => {
    if (result.kind === "number")
      return { label: result.label, value: result.value, ...(result.exact === undefined ? {} : { exact: result.exact }) };
    if (result.kind === "file") return { path: result.path, bytes: result.bytes, sha256: result.sha256 };
    return { title: result.title, rows: recordsOf(result) };
  });
  const [only] = values;
  return only !== undefined && values.length === 1 ? only : values;
}

/** Rows as objects; as arrays where a column name stands twice. */
function recordsOf({ columns, rows }: TableResult): JsonValue {
  if (new Set(columns).size !== columns.length) return { columns, rows };
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])));
}

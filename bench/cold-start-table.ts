import { budgets } from "../local/build/budgets.ts";
import type { ColdFunction, ColdStart } from "./cold-starts.ts";

/** A function with its processor time as a multiple of that of one which does nothing. */
export type MeasuredFunction = ColdFunction & { readonly ratio: number; readonly firstRatio: number | undefined };

/** A sentence for each function over the budget of its kind; what could not be measured is over it too. */
export function findSlow(functions: readonly MeasuredFunction[]): string[] {
  return functions.flatMap(({ entry, kind, ratio }) =>
    ratio <= budgets[kind].ratio
      ? []
      : [
          `${entry} takes ${ratio.toFixed(2)} times as long to start as a function that does nothing; ${kind} may take ${budgets[kind].ratio}.`,
        ],
  );
}

/** Dearest first. */
export function formatColdStarts(functions: readonly MeasuredFunction[]): string {
  const rows = functions.toSorted((left, right) => right.ratio - left.ratio).map(formatFunction);
  const table = [["function", "start kB", "gzip", "of", "× bare", "of", "first call kB", "gzip", "× bare", ""], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const format = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
  return table.map((row) => format(row).trimEnd()).join("\n");
}

function formatFunction({ entry, kind, start, ratio, firstCall, firstRatio }: MeasuredFunction): string[] {
  const budget = budgets[kind];
  const first = firstCall === undefined ? ["", ""] : sizes(firstCall);
  const verdict = ratio <= budget.ratio ? "" : "✗ over";
  return [
    entry,
    ...sizes(start),
    String(budget.bytes / 1_000),
    ratio.toFixed(2),
    String(budget.ratio),
    ...first,
    firstRatio === undefined ? "" : firstRatio.toFixed(2),
    verdict,
  ];
}

function sizes({ bytes, compressed }: ColdStart): [string, string] {
  return [(bytes / 1_000).toFixed(1), (compressed / 1_000).toFixed(1)];
}

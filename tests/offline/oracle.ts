import { parse } from "csv-parse/sync";
import type { Filter, Measure, Question, Test } from "./questions.ts";

/** The answers, computed straight from the CSV text with another parser and plain doubles. Shares no code with the provider. */
export type Row = Readonly<Record<string, string>>;

export type Answer = {
  /** Key cells joined by a NUL to the measures in order; one entry with the key "" for a question without groups. */
  readonly groups: ReadonlyMap<string, readonly (number | null)[]>;
  /** Empty cells left out, per column. */
  readonly leftOut: ReadonlyMap<string, number>;
};

export const KEY_SEPARATOR = "\u0000";

export function readRows(csv: string): Row[] {
  return parse(csv, { columns: true, bom: true, skip_empty_lines: true });
}

export function answer(question: Question, rows: readonly Row[]): Answer {
  const leftOut = new Map<string, number>();
  const missed = (column: string): void => void leftOut.set(column, (leftOut.get(column) ?? 0) + 1);
  const groups = new Map<string, Row[]>();
  for (const row of keepRows(question.filter, rows)) {
    const empty = question.group.filter((column) => row[column] === "");
    for (const column of empty) missed(column);
    if (empty.length > 0) continue;
    const key = question.group.map((column) => row[column]).join(KEY_SEPARATOR);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  if (question.group.length === 0 && groups.size === 0) groups.set("", []);
  const columns = new Set(question.measures.flatMap((measure) => (measure.kind === "rows" ? [] : [measure.column])));
  for (const group of groups.values()) for (const row of group) for (const column of columns) if (row[column] === "") missed(column);
  const answers = [...groups].map(([key, group]) => [key, question.measures.map((measure) => measureRows(measure, group))] as const);
  return { groups: new Map(answers), leftOut };
}

export function keepRows(filter: Filter | null, rows: readonly Row[]): readonly Row[] {
  if (filter === null) return rows;
  const { join, tests } = filter;
  return rows.filter((row) => (join === "and" ? tests.every((test) => holds(test, row)) : tests.some((test) => holds(test, row))));
}

function holds(test: Test, row: Row): boolean {
  const cell = row[test.column] ?? "";
  switch (test.op) {
    case "is":
      return cell === test.value;
    case "is-not":
      return cell !== test.value;
    case "one-of":
      return test.values.includes(cell);
    case "contains":
      return cell.includes(test.value);
    case "filled":
      return cell !== "";
    case "between":
      return cell !== "" && Number(cell) >= test.low && Number(cell) <= test.high;
    default:
      return cell !== "" && COMPARE[test.op](Number(cell), test.bound);
  }
}

const COMPARE = {
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
  ">": (a: number, b: number) => a > b,
  ">=": (a: number, b: number) => a >= b,
};

function measureRows(measure: Measure, rows: readonly Row[]): number | null {
  if (measure.kind === "rows") return rows.length;
  const cells = rows.map((row) => row[measure.column] ?? "").filter((cell) => cell !== "");
  if (measure.kind === "distinct") return new Set(cells).size;
  const numbers = cells.map(Number).sort((a, b) => a - b);
  return numbers.length === 0 ? null : AGGREGATE[measure.kind](numbers);
}

/** Over sorted numbers, at least one. */
const AGGREGATE = {
  sum,
  mean: (numbers: readonly number[]) => sum(numbers) / numbers.length,
  min: (numbers: readonly number[]) => numbers[0] ?? Number.NaN,
  max: (numbers: readonly number[]) => numbers.at(-1) ?? Number.NaN,
  median: (numbers: readonly number[]) => {
    const middle = Math.floor(numbers.length / 2);
    const upper = numbers[middle] ?? Number.NaN;
    return numbers.length % 2 === 1 ? upper : (upper + (numbers[middle - 1] ?? Number.NaN)) / 2;
  },
};

/** Kahan: the error of a plain sum would be larger than what the comparison allows on thousands of rows. */
function sum(numbers: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const number of numbers) {
    const corrected = number - lost;
    const next = total + corrected;
    lost = next - total - corrected;
    total = next;
  }
  return total;
}

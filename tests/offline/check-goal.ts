import { parse } from "csv-parse/sync";
import * as z from "zod";
import type { JsonValue } from "../../shared/platform/json.ts";
import type { Expected, GeneratedGoal } from "./make-goal.ts";
import { type Answer, answer, KEY_SEPARATOR, keepRows, readRows } from "./oracle.ts";
import type { Question } from "./questions.ts";
import type { GoalRun, GoalTask } from "./run-goal.ts";

/** What a run came to: right, honestly refused with its reason, or wrong with every difference found. */
export type Verdict =
  | { readonly verdict: "right" }
  | { readonly verdict: "unsupported"; readonly reason: string }
  | { readonly verdict: "wrong"; readonly faults: readonly string[] };

const NumberShape = z.object({ kind: z.literal("number"), value: z.number(), left_out: z.record(z.string(), z.number()) });
const TableShape = z.object({
  kind: z.literal("table"),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  total_rows: z.optional(z.number()),
  left_out: z.record(z.string(), z.number()),
});
const FileShape = z.object({ kind: z.literal("file"), path: z.string(), bytes: z.number(), rows: z.optional(z.number()) });
const ListShape = z.object({ kind: z.literal("results"), items: z.array(z.json()) });
type TableShape = z.infer<typeof TableShape>;

export function checkGoal(made: GeneratedGoal, run: GoalRun): Verdict {
  const isPlanned = run.tasks.length > 0;
  const faults = isPlanned ? [...checkShape(made, run), ...run.tasks.flatMap((task) => checkTask(made, task, run))] : [];
  if (faults.length > 0) return { verdict: "wrong", faults };
  if (run.status === "completed") return { verdict: "right" };
  const reason = run.error ?? "no reason was given";
  return reason.startsWith("unsupported_offline")
    ? { verdict: "unsupported", reason }
    : { verdict: "wrong", faults: [`failed otherwise: ${reason}`] };
}

function checkShape(made: GeneratedGoal, run: GoalRun): string[] {
  const planned = JSON.stringify(run.tasks.map((task) => task.depends_on));
  const expected = JSON.stringify(made.tasks.map((task) => task.depends_on));
  return planned === expected ? [] : [`the edges are ${planned}, not ${expected}`];
}

/** Only completed tasks claim anything. */
function checkTask(made: GeneratedGoal, task: GoalTask, run: GoalRun): string[] {
  const expected = made.tasks[task.ordinal - 1]?.expected;
  if (task.status !== "completed" || expected === undefined) return [];
  try {
    return checkResult(expected, task.result, made, run).map((fault) => `task ${task.ordinal}: ${fault}`);
  } catch (error) {
    return [`task ${task.ordinal}: unexpected shape of ${JSON.stringify(task.result).slice(0, 300)}: ${String(error)}`];
  }
}

function checkResult(expected: Expected, result: JsonValue, made: GeneratedGoal, run: GoalRun): string[] {
  switch (expected.kind) {
    case "read": {
      const found = FileShape.parse(result);
      return found.rows === expected.rows && found.path === expected.path
        ? []
        : [`read ${found.path} with ${found.rows} rows, not ${expected.rows}`];
    }
    case "question":
      return checkQuestion(expected.question, result, answerOf(expected));
    case "rows":
      return checkRows(expected, TableShape.parse(result));
    case "number": {
      const { value } = NumberShape.parse(result);
      return isClose(value, expected.value) ? [] : [`${value} is not ${expected.value}`];
    }
    case "all": {
      const { items } = ListShape.parse(result);
      return expected.parts.flatMap((part, index) => checkResult(part, items[index] ?? null, made, run));
    }
    case "best":
      return checkBest(expected, TableShape.parse(result));
    case "file":
      return checkFile(expected, made, run);
  }
}

/** A table of more rows than can be handed on holds the first of them, and how many there are. */
function checkRows(expected: Extract<Expected, { kind: "rows" }>, { rows, total_rows }: TableShape): string[] {
  const names = expected.table.columns.map((column) => column.name);
  const kept = keepRows(expected.filter, readRows(expected.table.csv)).map((row) => names.map((name) => row[name]));
  const isWhole = total_rows === undefined ? rows.length === kept.length : total_rows === kept.length && rows.length > 0;
  const isSame = JSON.stringify(rows) === JSON.stringify(kept.slice(0, rows.length));
  return isWhole && isSame ? [] : [`${kept.length} other rows are expected`];
}

function answerOf(expected: Extract<Expected, { kind: "question" }>): Answer {
  return answer(expected.question, keepRows(expected.within, readRows(expected.table.csv)));
}

function checkQuestion(question: Question, result: JsonValue, expected: Answer): string[] {
  if (question.group.length === 0 && question.measures.length === 1) {
    const found = NumberShape.parse(result);
    const value = expected.groups.get("")?.[0] ?? null;
    return [
      ...(value !== null && isClose(found.value, value) ? [] : [`${found.value} is not ${value}`]),
      ...checkLeftOut(found.left_out, expected),
    ];
  }
  const found = TableShape.parse(result);
  const width = question.group.length;
  const faults = found.rows.flatMap((row) => {
    const key = row.slice(0, width).join(KEY_SEPARATOR);
    const values = expected.groups.get(key);
    if (values === undefined) return [`the group ${JSON.stringify(key)} does not exist`];
    return values.flatMap((value, index) =>
      isSame(row[width + index] ?? null, value) ? [] : [`${key}: ${row[width + index]} is not ${value}`],
    );
  });
  const isWhole =
    found.rows.length === expected.groups.size &&
    new Set(found.rows.map((row) => row.slice(0, width).join(KEY_SEPARATOR))).size === found.rows.length;
  const isFitting = found.columns.length === width + question.measures.length;
  return [
    ...faults,
    ...(isWhole ? [] : [`${found.rows.length} groups instead of ${expected.groups.size}`]),
    ...(isFitting ? [] : ["the columns do not fit"]),
    ...checkLeftOut(found.left_out, expected),
  ];
}

function checkLeftOut(found: Readonly<Record<string, number>>, expected: Answer): string[] {
  const sorted = (counts: Iterable<readonly [string, number]>): string => JSON.stringify([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  const [actual, wanted] = [sorted(Object.entries(found)), sorted(expected.leftOut)];
  return actual === wanted ? [] : [`left out ${actual}, not ${wanted}`];
}

function checkBest(expected: Extract<Expected, { kind: "best" }>, found: TableShape): string[] {
  const { groups } = answer(expected.question, readRows(expected.table.csv));
  const values = [...groups.values()].flatMap(([value]) => (value === null || value === undefined ? [] : [value]));
  const best = expected.direction === "highest" ? Math.max(...values) : Math.min(...values);
  const winners = [...groups].flatMap(([key, [value]]) => (isSame(value ?? null, best) ? [key] : []));
  const named = found.rows.map((row) => String(row[0]));
  const isRight =
    JSON.stringify([...named].sort()) === JSON.stringify(winners.sort()) && found.rows.every((row) => isSame(row[1] ?? null, best));
  return isRight ? [] : [`${JSON.stringify(found.rows)} is not ${winners.join(", ")} with ${best}`];
}

/** A written file must hold what the tasks it is made of gave: every number of them, as far as its format keeps it. */
function checkFile({ path, text, of }: Extract<Expected, { kind: "file" }>, made: GeneratedGoal, run: GoalRun): string[] {
  const written = run.files[path];
  if (written === undefined) return [`${path} was not written`];
  if (text !== null) return written === text ? [] : [`${path} holds ${JSON.stringify(written)}`];
  return of.flatMap((ordinal) => {
    const expected = made.tasks[ordinal - 1]?.expected;
    return expected === undefined ? [] : figuresOf(expected).flatMap((row) => findRow(written, path, row));
  });
}

type Figures = { readonly keys: readonly string[]; readonly values: readonly (number | null)[] };

function figuresOf(expected: Expected): Figures[] {
  if (expected.kind === "number") return [{ keys: [], values: [expected.value] }];
  if (expected.kind === "question") {
    return [...answerOf(expected).groups].map(([key, values]) => ({
      keys: expected.question.group.length === 0 ? [] : key.split(KEY_SEPARATOR),
      values,
    }));
  }
  return [];
}

function findRow(written: string, path: string, { keys, values }: Figures): string[] {
  const lines = path.endsWith(".csv") ? parse(written, { relax_column_count: true }) : linesOf(written, path);
  const isThere = lines.some((cells) => {
    const numbers = values.every((value) => (value === null ? true : cells.some((cell) => isRounded(cell, value))));
    return keys.every((key) => cells.some((cell) => cell === key || cell === oneLine(key))) && numbers;
  });
  return isThere ? [] : [`${path} does not hold ${keys.join(", ")}: ${values.join(", ")}`];
}

/** Formats made of lines show a cell of several lines as one. */
function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/gu, " ");
}

/** The cells of each line of Markdown or text, or of each record of JSON. */
function linesOf(written: string, path: string): string[][] {
  if (path.endsWith(".json")) return recordsOf(JSON.parse(written) as JsonValue);
  return written
    .split("\n")
    .map((line) => line.split(/(?<!\\)\||\s{2,}|: /u).map((cell) => cell.replaceAll("*", "").replaceAll("\\|", "|").trim()));
}

function recordsOf(value: JsonValue): string[][] {
  if (Array.isArray(value)) return value.flatMap(recordsOf);
  if (typeof value !== "object" || value === null) return [];
  return [Object.values(value).map(String), ...Object.values(value).flatMap(recordsOf)];
}

function isRounded(cell: string, value: number): boolean {
  const number = cell === "" ? Number.NaN : Number(cell);
  return isClose(number, value) || Math.abs(number - value) <= 0.00005 + Math.abs(value) * 1e-9;
}

function isSame(found: string | number | null, expected: number | null): boolean {
  return expected === null ? found === null : typeof found === "number" && isClose(found, expected);
}

function isClose(found: number, expected: number): boolean {
  return Math.abs(found - expected) <= 1e-9 * Math.max(1e-3, Math.abs(expected));
}

import type { Column, Table } from "./make-table.ts";
import { answer, type Row, readRows } from "./oracle.ts";
import type { Aggregate, Filter, Measure, Question, Test } from "./questions.ts";
import type { Random } from "./random.ts";

const AGGREGATES: readonly Aggregate[] = ["mean", "mean", "sum", "min", "max", "median"];

const TRIES = 3;

type Wishes = { readonly isGrouped?: boolean; readonly isFiltered?: boolean };

/** Seldom a question without an answer, like the mean of no row: it is refused, and that is tried elsewhere. */
export function makeQuestion(table: Table, random: Random, wishes: Wishes = {}): Question {
  const rows = readRows(table.csv);
  const questions = Array.from({ length: TRIES }, () => draftQuestion(table, rows, random, wishes));
  return (
    questions.find((question) => question.group.length > 0 || !answer(question, rows).groups.get("")?.includes(null)) ??
    random.pick(questions)
  );
}

function draftQuestion(table: Table, rows: readonly Row[], random: Random, wishes: Wishes): Question {
  const numbers = table.columns.filter((column) => column.kind === "number");
  const keys = table.columns.filter((column) => column.kind === "key");
  const isGrouped = wishes.isGrouped ?? random.chance(0.6);
  const group = isGrouped ? random.sample(keys, random.chance(0.25) ? 2 : 1).map((column) => column.name) : [];
  const isFiltered = wishes.isFiltered ?? random.chance(0.4);
  const filter = isFiltered ? makeFilter(table, rows, random) : null;
  const others = keys.filter((column) => !group.includes(column.name));
  return { measures: makeMeasures(numbers, others, random), group, filter };
}

function makeMeasures(numbers: readonly Column[], keys: readonly Column[], random: Random): Measure[] {
  const kind = random.below(10);
  if (kind < 3) return [{ kind: "rows" }];
  if (kind < 4 && keys.length > 0) return [{ kind: "distinct", column: random.pick(keys).name }];
  if (kind < 6) {
    const aggregate = random.pick(AGGREGATES);
    return random.sample(numbers, 2).map((column) => ({ kind: aggregate, column: column.name }));
  }
  const column = random.pick(numbers).name;
  if (kind < 7) return random.sample<Aggregate>(["mean", "min", "max"], 2).map((aggregate) => ({ kind: aggregate, column }));
  return [{ kind: random.pick(AGGREGATES), column }];
}

function makeFilter(table: Table, rows: readonly Row[], random: Random): Filter {
  const columns = random.sample(table.columns, random.chance(0.4) ? 2 : 1);
  const tests = columns.map((column) => makeTest(column, rows, random));
  return { join: tests.length > 1 && random.chance(0.3) ? "or" : "and", tests };
}

function makeTest({ name, kind }: Column, rows: readonly Row[], random: Random): Test {
  const cells = rows.map((row) => row[name] ?? "").filter((cell) => cell !== "");
  const cell = cells.length === 0 ? "0" : random.pick(cells);
  if (random.chance(0.08)) return { column: name, op: "filled" };
  if (kind === "number") {
    const other = cells.length === 0 ? 1 : Number(random.pick(cells));
    const bounds = [Number(cell), other].sort((a, b) => a - b);
    if (random.chance(0.2)) return { column: name, op: "between", low: bounds[0] ?? 0, high: bounds[1] ?? 0 };
    return { column: name, op: random.pick(["<", "<=", ">", ">="] as const), bound: Number(cell) };
  }
  const choice = random.below(10);
  if (choice < 6) return { column: name, op: "is", value: cell };
  if (choice < 7) return { column: name, op: "is-not", value: cell };
  if (choice < 9) return { column: name, op: "one-of", values: [...new Set([cell, random.pick(cells.length === 0 ? ["0"] : cells)])] };
  return { column: name, op: "contains", value: cell.slice(0, 2) };
}

import * as z from "zod";
import { unsupportedOffline } from "../../../../platform/errors.ts";
import type { JsonObject, JsonValue } from "../../../../platform/json.ts";
import type { Filter, Query, Selection } from "../grammar/readings.ts";
import { ARITHMETIC_PROGRAM, TABLE_PROGRAM } from "../programs/compose-program.ts";
import { Cell, type NumberResult, type SingleResult, type TableResult } from "../results.ts";
import type { Candidate } from "./choose-tables.ts";
import { describeQuery, describeSelection, describeWhere, nameMeasure } from "./describe-question.ts";
import type { KnownTable } from "./known-table.ts";
import type { Work } from "./replay.ts";

/** Questions that the sandbox answers: all arithmetic over data happens there. */

const Ran = z.object({ value: z.json() });
const Refused = z.object({ refused: z.string() });
const Inspected = z.object({ columns: z.array(z.string()), rows: z.number() });
const Counted = z.array(z.tuple([z.string(), z.number()]));
const Answered = z.object({
  rows: z.array(z.array(Cell)),
  total: z.number(),
  matched: z.number(),
  left_out: Counted,
  left_out_of_filter: Counted,
  left_out_per_group: z.array(z.object({ group: z.array(z.string()), column: z.string(), cells: z.number() })),
  recipe: z.json().exactOptional(),
});
type Answered = z.infer<typeof Answered>;
const Evaluated = z.object({ value: z.number(), digits: z.string().nullable() });

function* runProgram(code: string, input: JsonValue, files: readonly string[]): Work<JsonValue> {
  const given: JsonObject = { code, input, ...(files.length === 0 ? {} : { files: [...files] }) };
  const { value } = Ran.parse(yield { name: "execute_javascript", arguments: given });
  const refused = Refused.safeParse(value);
  if (refused.success) throw unsupportedOffline(refused.data.refused);
  return value;
}

/** The header of a CSV file and the number of its rows. */
export function* inspectFile(path: string): Work<z.infer<typeof Inspected>> {
  return Inspected.parse(yield* runProgram(TABLE_PROGRAM, { source: { path }, job: { kind: "inspect" } }, [path]));
}

export function* askQuery(query: Query, table: KnownTable): Work<SingleResult> {
  const { group, measures, order, ranking, filter } = query;
  const job = { kind: "aggregate", group, measures, order, ranking };
  const answer = yield* ask(job, filter, table);
  const title = describeQuery(query, table.columns);
  const from = origin(filter, ranking === null ? null : title, table);
  const [row] = answer.rows;
  const [value] = row ?? [];
  if (group.length === 0 && measures.length === 1 && typeof value === "number") return toNumber(value, title, from, answer);
  const columns = [
    ...group.map((column) => table.columns[column] ?? ""),
    ...measures.map((measure) => nameMeasure(measure, table.columns)),
  ];
  return toTable(title, "groups", columns, from, answer);
}

export function* askSelection(selection: Selection, table: KnownTable): Work<SingleResult> {
  const { columns, distinct, order, ranking, unique, filter } = selection;
  const answer = yield* ask({ kind: "select", columns, distinct, order, ranking, unique }, filter, table);
  const shown = columns === null ? table.columns : columns.map((column) => table.columns[column] ?? "");
  const of = distinct || (table.candidate.kind === "table" && table.candidate.table.of === "groups") ? "groups" : "rows";
  const title = describeSelection(selection, table.columns);
  return toTable(title, of, shown, origin(filter, ranking !== null || distinct ? title : null, table), answer);
}

function* ask(job: object, filter: Filter | null, { candidate, columns }: KnownTable): Work<Answered> {
  const question = z.json().parse({ source: sourceOf(candidate), columns, filter, job });
  return Answered.parse(yield* runProgram(TABLE_PROGRAM, question, filesOf(candidate)));
}

function sourceOf(candidate: Candidate): object | JsonValue {
  if (candidate.kind === "file") return { path: candidate.path };
  const { columns, rows, recipe } = candidate.table;
  return recipe ?? { columns, rows };
}

function filesOf(candidate: Candidate): readonly string[] {
  if (candidate.kind === "file") return [candidate.path];
  const { recipe, source } = candidate.table;
  return recipe === undefined || source === null ? [] : [source];
}

type Origin = Pick<TableResult, "source" | "filter">;

/** @param choice what else than the filter chose the rows: the title of a ranking, say */
function origin(filter: Filter | null, choice: string | null, { candidate, columns }: KnownTable): Origin {
  const here = choice ?? describeWhere(filter, columns).replace(/^where /u, "");
  const before = candidate.kind === "table" ? (candidate.table.filter ?? "") : "";
  const conditions = [before, here].filter((part) => part !== "");
  const source = candidate.kind === "file" ? candidate.path : candidate.table.source;
  return { source, filter: conditions.length === 0 ? null : conditions.join("; then ") };
}

function toTable(title: string, of: TableResult["of"], columns: readonly string[], from: Origin, answer: Answered): TableResult {
  return {
    kind: "table",
    title,
    of,
    columns: [...columns],
    rows: answer.rows,
    ...(answer.recipe === undefined ? {} : { total_rows: answer.total, recipe: answer.recipe }),
    left_out: Object.fromEntries(answer.left_out),
    left_out_per_group: answer.left_out_per_group.filter((one) => one.group.length > 0),
    left_out_of_filter: Object.fromEntries(answer.left_out_of_filter),
    ...from,
  };
}

function toNumber(value: number, label: string, from: Origin, answer: Answered): NumberResult {
  return {
    kind: "number",
    label,
    value,
    left_out: Object.fromEntries(answer.left_out),
    left_out_of_filter: Object.fromEntries(answer.left_out_of_filter),
    ...from,
  };
}

/** @param tree an expression whose leaves are numbers */
export function* askArithmetic(tree: JsonValue, label: string): Work<NumberResult> {
  const { value, digits } = Evaluated.parse(yield* runProgram(ARITHMETIC_PROGRAM, tree, []));
  const exact = digits !== null && digits !== String(value) ? { exact: digits } : {};
  return { kind: "number", label, value, ...exact, left_out: {}, left_out_of_filter: {}, source: null, filter: null };
}

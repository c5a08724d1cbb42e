import { unsupportedOffline } from "../../../../platform/errors.ts";
import type { Action, Reading } from "../grammar/readings.ts";
import { hasBareColumn, readStep, type StepReadings } from "../grammar/step.ts";
import { rowWordsFor, type TableContext } from "../grammar/vocabulary.ts";
import { explainLimit } from "../limits.ts";
import { findPaths } from "../text/paths.ts";
import { inspectFile } from "./ask-table.ts";
import { type Candidate, chooseFallbackTables, chooseTables, describeColumns, isMeantBy } from "./choose-tables.ts";
import { describeExpression } from "./describe-expression.ts";
import { describeQuery, describeSelection } from "./describe-question.ts";
import type { KnownTable } from "./known-table.ts";
import type { Work } from "./replay.ts";
import type { StepContext } from "./step-context.ts";
import { canSubstitute } from "./substitute-results.ts";

/** The one way to read a step, and the table it is about; null when it is about none. */
export type ChosenReading = { readonly reading: Reading; readonly table: KnownTable | null };

/**
 * Reads a step in every way, over every table it can mean.
 * @throws AppError `unsupported_offline` when there is no reading, or more than one
 */
export function* findReading(context: StepContext): Work<ChosenReading> {
  const work = context.links.work;
  const paths = findPaths(work, context.files);
  const plain = readStep(work, paths, null);
  const needsTable = plain.readings.length === 0 || plain.readings.some((reading) => reading.some(mayMeanColumns));
  const found: ChosenReading[] = plain.readings.map((reading) => ({ reading, table: null }));
  const tried: (StepReadings & { readonly table: KnownTable })[] = [];
  for (const candidates of needsTable ? [chooseTables(context), chooseFallbackTables(context)] : []) {
    if (found.some((one) => one.table !== null) || (plain.readings.length > 0 && candidates.length === 0)) break;
    for (const candidate of candidates.filter((one) => !tried.some(({ table }) => isOne(table.candidate, one)))) {
      const table = { candidate, columns: yield* headerOf(candidate) };
      const read = readStep(work, paths, contextOf(table));
      tried.push({ ...read, table });
      const readings = read.readings.filter((reading) => isAbout(reading, candidate) && !isSame(reading, plain.readings));
      found.push(...readings.map((reading) => ({ reading, table })));
    }
  }
  return requireOne(found, tried.length === 0 ? [plain] : tried, context);
}

function isOne(a: Candidate, b: Candidate): boolean {
  return a.kind === "file" ? b.kind === "file" && a.path === b.path : b.kind === "table" && a.table === b.table;
}

function* headerOf(candidate: Candidate): Work<readonly string[]> {
  if (candidate.kind === "table") return candidate.table.columns;
  return candidate.columns ?? (yield* inspectFile(candidate.path)).columns;
}

function contextOf({ candidate, columns }: KnownTable): TableContext {
  const source = candidate.kind === "file" ? candidate.path : (candidate.table.source ?? "");
  const isCountable = candidate.kind === "file" || candidate.table.of === "rows";
  return { columns: describeColumns(candidate, columns), rowWords: rowWordsFor(source), isCountable };
}

/** "the sum of 2019 and 2020" may be meant as columns of that name, "the total of the counts" as one too. */
function mayMeanColumns(action: Action): boolean {
  return action.action === "arithmetic" && (action.expression.kind === "list" || action.expression.kind === "results");
}

/** Whether the calculations of a reading have the numbers they refer to. */
function isFeasible({ reading }: ChosenReading, context: StepContext): boolean {
  return reading.every((action) => action.action !== "arithmetic" || canSubstitute(action.expression, context));
}

function isAbout(reading: Reading, candidate: Candidate): boolean {
  return reading.every((action) => {
    if (action.action === "query") return isMeantBy(action.query.source, candidate);
    if (action.action === "select") return isMeantBy(action.selection.source, candidate);
    return (
      action.action !== "write" ||
      action.contents.every((content) => content.content !== "query" || isMeantBy(content.query.source, candidate))
    );
  });
}

function isSame(reading: Reading, others: readonly Reading[]): boolean {
  return others.some((other) => JSON.stringify(other) === JSON.stringify(reading));
}

function requireOne(
  all: readonly ChosenReading[],
  tried: readonly (StepReadings & { readonly table?: KnownTable })[],
  context: StepContext,
): ChosenReading {
  const feasible = all.length > 1 ? all.filter((one) => isFeasible(one, context)) : all;
  const found = feasible.length > 0 ? feasible : all;
  const [only] = found;
  if (only === undefined) throw unsupportedOffline(explainNoReading(tried, context));
  if (found.length > 1) throw unsupportedOffline(`it can be read in several ways: ${found.slice(0, 3).map(describeChoice).join("; or ")}`);
  if (hasBareColumn(only.reading))
    throw unsupportedOffline(`${describeChoice(only)}: it does not say what to compute (mean, sum, min, max, median or a count)`);
  return only;
}

function explainNoReading(tried: readonly (StepReadings & { readonly table?: KnownTable })[], context: StepContext): string {
  const limit = explainLimit(context.links.work);
  const remainders = tried.map((one) => one.remainder).sort((a, b) => a.length - b.length);
  const rest = remainders[0] ?? "";
  const tables = tried.flatMap((one) => (one.table === undefined ? [] : [describeHeader(one.table)]));
  const place = rest === "" ? "the step is not complete" : `no rule covers ${JSON.stringify(shorten(rest))}`;
  return [place, ...(limit === null ? [] : [limit]), ...(tables.length === 0 ? ["no table is known to ask"] : tables)].join("; ");
}

function describeHeader({ candidate, columns }: KnownTable): string {
  const name = candidate.kind === "file" ? candidate.path : `the table "${candidate.table.title}"`;
  return `the columns of ${name} are ${shorten(columns.map((column) => JSON.stringify(column)).join(", "), 600)}`;
}

function shorten(text: string, length = 80): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function describeChoice({ reading, table }: ChosenReading): string {
  const columns = table?.columns ?? [];
  const name = table === null ? "" : ` of ${table.candidate.kind === "file" ? table.candidate.path : table.candidate.table.title}`;
  const actions = reading.map((action) => {
    if (action.action === "query") return `${describeQuery(action.query, columns)}${name}`;
    if (action.action === "select") return `list of ${describeSelection(action.selection, columns)}${name}`;
    return action.action === "arithmetic" ? describeExpression(action.expression) : action.action;
  });
  return JSON.stringify(actions.join(", then "));
}

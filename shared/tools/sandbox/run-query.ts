import type { BindParams, Database, SqlValue } from "sql.js";
import { loadQueryEngine } from "./load-query-engine.ts";
import { failure, type GuestRequest, type GuestResult } from "./wire.ts";

/** Columns that a result may have as a table: SQLite takes no more than 2,000. */
const MOST_COLUMNS = 1_000;

const COLUMN_OF_VALUES = "value";

type Table = { columns: string[]; rows: unknown[] };

/**
 * Asks SQL whether something holds of `input`, which is the table `result`: of a list each item is a row, of anything else it is the only one; the
 * members of an object are its columns, what is no object is in the column `value`, and a list or an object within is JSON for SQLite's functions.
 * Answers true or false by the one statement's one row with one column. The database is empty but for that and thrown away. Blocks the thread: who
 * calls must be able to kill it.
 */
export async function runQuery({ code, input, memoryMb }: GuestRequest): Promise<GuestResult> {
  const started = performance.now();
  try {
    const database = new (await loadQueryEngine())();
    database.run(`PRAGMA hard_heap_limit = ${memoryMb * 1024 * 1024}`);
    fill(database, readTable(JSON.parse(input)));
    database.run("PRAGMA query_only = on");
    const answer = ask(database, code);
    return typeof answer === "string"
      ? failure("exception", answer)
      : { ok: true, value: JSON.stringify(answer), logs: [], duration_ms: performance.now() - started };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return /out of memory/i.test(detail)
      ? failure("memory", "The query needed more memory than its limit")
      : failure("exception", detail.slice(0, 2_000));
  }
}

function readTable(input: unknown): Table {
  const rows = Array.isArray(input) ? input : [input];
  const columns = new Set<string>();
  for (const row of rows) for (const name of isObject(row) ? Object.keys(row) : [COLUMN_OF_VALUES]) columns.add(name);
  // A table has a column at least.
  return { columns: columns.size === 0 ? [COLUMN_OF_VALUES] : [...columns], rows };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fill(database: Database, { columns, rows }: Table): void {
  // SQLite takes two names that differ by case for one.
  const names = new Set(columns.map((name) => name.toLowerCase()));
  if (names.size < columns.length) throw new Error("the result has members whose names differ only by case, so they cannot be columns");
  if (columns.length > MOST_COLUMNS) throw new Error(`the result has ${columns.length} members; at most ${MOST_COLUMNS} can be columns`);
  database.run(`CREATE TABLE result (${columns.map(quote).join(", ")})`);
  const insert = database.prepare(`INSERT INTO result VALUES (${columns.map(() => "?").join(", ")})`);
  for (const row of rows) insert.run(columns.map((name) => toSql(readColumn(row, name))) satisfies BindParams);
  insert.free();
}

function readColumn(row: unknown, name: string): unknown {
  if (!isObject(row)) return name === COLUMN_OF_VALUES ? row : null;
  return Object.hasOwn(row, name) ? row[name] : null;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""').replaceAll("\0", "")}"`;
}

function toSql(value: unknown): SqlValue {
  if (typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** What the query says, or in words why it says nothing. */
function ask(database: Database, code: string): boolean | string {
  const answers: (boolean | string)[] = [];
  for (const statement of database.iterateStatements(code)) {
    if (answers.length > 0) return "An assertion is one statement, and this is several";
    const first = statement.step() ? statement.get() : undefined;
    answers.push(readAnswer(first, first !== undefined && statement.step()));
  }
  return answers[0] ?? "There is no statement in this";
}

function readAnswer(row: SqlValue[] | undefined, hasMore: boolean): boolean | string {
  const [value, ...others] = row ?? [];
  if (row === undefined) return "The query answered no row; an assertion answers one";
  if (hasMore) return "The query answered more than one row; an assertion answers one";
  if (others.length > 0) return `The query answered ${row.length} columns; an assertion answers one`;
  if (value === 1) return true;
  if (value === 0 || value === null) return false;
  return `The query answered ${JSON.stringify(value).slice(0, 200)}; an assertion answers true or false`;
}

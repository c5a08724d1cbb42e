import type { Queryable } from "../../platform/db/database.ts";
import { toStorableText } from "../../platform/storable-json.ts";
import type { Board } from "../domain/board.ts";
import { listColumns } from "../domain/list-columns.ts";
import { BOARD_SECTIONS, type Section } from "./board-sections.ts";

/**
 * Writes everything that a judgement changed, in one statement: at most one UPDATE or INSERT per table, each fed by one JSON array.
 * Must run in the transaction that locked the batch, as its last statement.
 */
export async function applyBoard(db: Queryable, board: Board): Promise<void> {
  const changed: Section[] = [];
  const values: unknown[] = [board.now];
  for (const section of await sectionsFor(board)) {
    const rows = section.rows(board);
    if (rows.length === 0) continue;
    changed.push(section);
    const names = listColumns(section.sql);
    values.push(toStorableText(JSON.stringify(rows.map((row) => pick(row, names)))));
  }
  if (changed.length === 0) return;
  if (db.finish === undefined) await db.query(statementOf(changed), values);
  else db.finish(statementOf(changed), values);
}

/** What most boards have nothing for is loaded by those that have, and by those whose runs end. */
async function sectionsFor(board: Board): Promise<readonly Section[]> {
  const { inserts, touched, unasked } = board;
  const rare = [
    inserts.tasks,
    inserts.proposals,
    inserts.tool_executions,
    inserts.episodes,
    inserts.items,
    inserts.check_outcomes,
    inserts.review_verdicts,
  ].some((rows) => rows.length > 0);
  const ends = [...board.runs.values()].some((run) => run.finished_at !== null);
  if (!rare && !ends && touched.items.size + unasked.size === 0) return BOARD_SECTIONS;
  const { RARE_SECTIONS } = await import("./rare-sections.ts");
  return [...BOARD_SECTIONS, ...RARE_SECTIONS];
}

const statements = new Map<string, string>();

/** The statement that writes these sections. There are few: most batches change the same tables. */
function statementOf(sections: readonly Section[]): string {
  const key = sections.map((section) => section.name).join(" ");
  let text = statements.get(key);
  if (text === undefined) {
    // $1 is the time of the batch for every section.
    const parts = sections.map(({ name, sql }, index) => `${name} AS (${sql.replaceAll("$rows", `$${index + 2}`)})`);
    text = `WITH ${parts.join(",\n")} SELECT $1::timestamptz`;
    statements.set(key, text);
  }
  return text;
}

/** Of a row what its statement names: nothing else is sent. JSON has no number that would hold money. */
function pick(row: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const value = row[name];
    picked[name] = typeof value === "bigint" ? value.toString() : value;
  }
  return picked;
}

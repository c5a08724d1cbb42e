import type { Queryable } from "../../platform/db/database.ts";
import { toStorableText } from "../../platform/storable-json.ts";
import type { Board } from "../domain/board.ts";
import { BOARD_SECTIONS, type Section } from "./board-sections.ts";

/**
 * Writes everything that a judgement changed, in one statement: at most one UPDATE or INSERT per table, each fed by one JSON array.
 * Must run in the transaction that locked the batch.
 */
export async function applyBoard(db: Queryable, board: Board): Promise<void> {
  const parts: string[] = [];
  const values: unknown[] = [board.now];
  for (const section of await sectionsFor(board)) {
    const rows = section.rows(board);
    if (rows.length === 0) continue;
    values.push(toStorableText(JSON.stringify(rows, bigintsAsText)));
    parts.push(`${section.name} AS (${section.sql.replaceAll("$rows", `$${values.length}`)})`);
  }
  if (parts.length === 0) return;
  // $1 is the time of the batch for every section.
  await db.query(`WITH ${parts.join(",\n")} SELECT $1::timestamptz`, values);
}

/** What most boards have nothing for is loaded by those that have, and by those whose runs end. */
async function sectionsFor(board: Board): Promise<readonly Section[]> {
  const { inserts, touched, reported } = board;
  const rare = [
    inserts.tasks,
    inserts.tool_executions,
    inserts.episodes,
    inserts.items,
    inserts.check_outcomes,
    inserts.review_verdicts,
  ].some((rows) => rows.length > 0);
  const ends = [...board.runs.values()].some((run) => run.finished_at !== null);
  if (!rare && !ends && touched.items.size + reported.size === 0) return BOARD_SECTIONS;
  const { RARE_SECTIONS } = await import("./rare-sections.ts");
  return [...BOARD_SECTIONS, ...RARE_SECTIONS];
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

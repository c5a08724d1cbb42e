import type { Queryable } from "../../platform/db/database.ts";
import { toStorableText } from "../../platform/storable-json.ts";
import type { Board } from "../domain/board.ts";
import { BOARD_SECTIONS } from "./board-sections.ts";

/**
 * Writes everything that a judgement changed, in one statement: at most one UPDATE or INSERT per table, each fed by one JSON array.
 * Must run in the transaction that locked the batch.
 */
export async function applyBoard(db: Queryable, board: Board): Promise<void> {
  const parts: string[] = [];
  const values: unknown[] = [board.now];
  for (const section of BOARD_SECTIONS) {
    const rows = section.rows(board);
    if (rows.length === 0) continue;
    values.push(toStorableText(JSON.stringify(rows, bigintsAsText)));
    parts.push(`${section.name} AS (${section.sql.replaceAll("$rows", `$${values.length}`)})`);
  }
  if (parts.length === 0) return;
  // $1 is the time of the batch for every section.
  await db.query(`WITH ${parts.join(",\n")} SELECT $1::timestamptz`, values);
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

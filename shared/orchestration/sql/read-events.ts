import * as z from "zod";
import { TimestampColumn } from "../../platform/db/columns.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { Fact } from "../domain/events.ts";

/** Whether the log of a run holds a fact with these fields. Reads the log to its end: for what is rarely asked. */
export async function hasFact(db: Queryable, runId: string, fields: Partial<Fact>): Promise<boolean> {
  const { rows } = await db.query("SELECT EXISTS (SELECT 1 FROM run_events WHERE run_id = $1 AND facts @> $2::jsonb) AS found", [
    runId,
    JSON.stringify([fields]),
  ]);
  return z.tuple([z.object({ found: z.boolean() })]).parse(rows)[0].found;
}

const EventRow = z.object({ first: z.coerce.number().int(), facts: z.array(Fact), created_at: TimestampColumn });

export type NumberedFact = { number: number; at: string; fact: Fact };

/** Rows read at once; a reader comes again for the rest. */
const ROWS = 200;

/** The facts of a run after number `after`, in order. The number belongs to the fact; a row only groups what was committed together. */
export async function readFacts(db: Queryable, runId: string, after: number): Promise<NumberedFact[]> {
  const { rows } = await db.query(
    `SELECT first::text, facts, created_at FROM run_events WHERE run_id = $1 AND run_events.first + count > $2::bigint + 1 ORDER BY run_events.first LIMIT ${ROWS}`,
    [runId, after],
  );
  return z
    .array(EventRow)
    .parse(rows)
    .flatMap(({ first, facts, created_at }) => facts.map((fact, index) => ({ number: first + index, at: created_at, fact })))
    .filter(({ number }) => number > after);
}

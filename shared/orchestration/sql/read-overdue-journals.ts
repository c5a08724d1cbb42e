import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { AttemptJournal, SELECT_JOURNALS } from "./read-journals.ts";

/** Attempts of a run whose time is up, and whose run goes on. */
export async function readOverdueJournals(db: Queryable, runId: string, now: Date): Promise<AttemptJournal[]> {
  const { rows } = await db.query(
    `${SELECT_JOURNALS} WHERE a.run_id = $1 AND a.status = 'running' AND a.deadline_at <= $2::timestamptz AND r.status = 'running'`,
    [runId, now],
  );
  return z.array(AttemptJournal).parse(rows);
}

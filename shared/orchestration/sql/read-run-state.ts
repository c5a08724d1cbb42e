import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { RunStatus } from "../contracts/run-status.ts";

const RunState = z.object({
  status: RunStatus,
  event_seq: z.coerce.number().int(),
  execution: z.string(),
});

/** What following and controlling a run needs to know; undefined when the workspace has no such run. */
export async function findRunState(db: Queryable, runId: string): Promise<z.infer<typeof RunState> | undefined> {
  const { rows } = await db.query("SELECT status, event_seq::text, id || '-' || execution_number AS execution FROM runs WHERE id = $1", [
    runId,
  ]);
  return z.array(RunState).parse(rows)[0];
}

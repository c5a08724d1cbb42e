import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { JsonValue } from "../../platform/json.ts";

/** The plan that a run was given by its caller, while nothing was planned; undefined otherwise. */
export async function findGivenPlan(db: Queryable, runId: string): Promise<JsonValue | undefined> {
  const { rows } = await db.query(
    `SELECT p.body FROM runs r JOIN payloads p ON p.id = (r.options ->> 'plan_payload_id')::uuid
    WHERE r.id = $1 AND r.plan_version = 0`,
    [runId],
  );
  return z.array(z.object({ body: JsonValue })).parse(rows)[0]?.body;
}

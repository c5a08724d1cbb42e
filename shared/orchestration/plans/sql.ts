import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { JsonValue } from "../../platform/json.ts";

const GivenPlan = z.object({
  body: JsonValue,
  /** What stands behind an agent whose model is 'default'. */
  default_model: z.string(),
});

/** The plan that a run was given by its caller, while nothing was planned; undefined otherwise. */
export async function findGivenPlan(db: Queryable, runId: string): Promise<z.infer<typeof GivenPlan> | undefined> {
  const { rows } = await db.query(
    `SELECT p.body, r.options ->> 'model' AS default_model FROM runs r JOIN payloads p ON p.id = (r.options ->> 'plan_payload_id')::uuid
    WHERE r.id = $1 AND r.plan_version = 0`,
    [runId],
  );
  return z.array(GivenPlan).parse(rows)[0];
}

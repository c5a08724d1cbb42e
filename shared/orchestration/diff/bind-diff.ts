import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import type { Database } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import { diffRuns } from "../contracts/diff.ts";

export function bindDiff(openDb: () => Promise<Database>): Binding[] {
  const load = () => Promise.all([import("../domain/diff-runs.ts"), import("../sql/read-compared-runs.ts")]);
  return [
    bindRoute(diffRuns, async ({ identity, params, query }) => {
      const [domain, { readComparedRuns }] = await load();
      const db = await openDb();
      const runs = await db.transact(actorOf(identity), (connection) => readComparedRuns(connection, [params.run_id, query.with]));
      const [left, right] = [params.run_id, query.with].map((id) => runs.find((run) => run.id === id));
      if (left === undefined || right === undefined) throw notFound("The run");
      return { body: domain.diffRuns(left, right) };
    }),
  ];
}

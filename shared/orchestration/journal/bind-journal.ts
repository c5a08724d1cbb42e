import * as z from "zod";
import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../../platform/api/cursor.ts";
import type { Database } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import { listRunEffects, listTaskLogs } from "../contracts/journal.ts";
import { findRunState } from "../sql/read-run-state.ts";
import { findTask } from "../sql/read-tasks.ts";
import { listEffects, listLogs } from "./sql.ts";

export function bindEffects(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(listRunEffects, async ({ identity, params, query }) => {
      const { limit, cursor, ...filter } = query;
      const before = decodeCursor(z.uuid(), cursor);
      const db = await openDb();
      const rows = await db.transact(actorOf(identity), async (connection) => {
        if ((await findRunState(connection, params.run_id)) === undefined) throw notFound("The run");
        const { state, kind, safety } = filter;
        return listEffects(connection, params.run_id, { state, kind, safety, before, limit: limit + 1 });
      });
      return { body: cutPage(rows, limit, (row) => row.id) };
    }),
  ];
}

export function bindLogs(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(listTaskLogs, async ({ identity, params, query }) => {
      const after = decodeCursor(z.uuid(), query.cursor);
      const db = await openDb();
      const rows = await db.transact(actorOf(identity), async (connection) => {
        if ((await findTask(connection, params.task_id)) === undefined) throw notFound("The task");
        return listLogs(connection, params.task_id, { level: query.level, after, limit: query.limit + 1 });
      });
      return { body: cutPage(rows, query.limit, (row) => row.id) };
    }),
  ];
}

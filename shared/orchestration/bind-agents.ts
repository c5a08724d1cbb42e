import * as z from "zod";
import { actorOf } from "../auth/actor-of.ts";
import { type Binding, bindRoute } from "../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../platform/api/cursor.ts";
import type { Database } from "../platform/db/database.ts";
import { getPool, listAgents, listAssignments } from "./contracts/agents.ts";
import { listAgents as readAgents, listAssignments as readAssignments, readPoolByRole } from "./sql/agents.ts";

export function bindAgents(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(listAgents, async ({ identity }) => {
      const db = await openDb();
      return { body: { agents: await db.transact(actorOf(identity), readAgents) } };
    }),
    bindRoute(getPool, async ({ identity }) => {
      const db = await openDb();
      return { body: { roles: await db.transact(actorOf(identity), readPoolByRole) } };
    }),
    bindRoute(listAssignments, async ({ identity, query }) => {
      const before = decodeCursor(z.uuid(), query.cursor);
      const db = await openDb();
      const filter = { agentId: query.agent_id, taskId: query.task_id, before, limit: query.limit + 1 };
      const rows = await db.transact(actorOf(identity), (connection) => readAssignments(connection, filter));
      return { body: cutPage(rows, query.limit, (row) => row.id) };
    }),
  ];
}

import { actorOf } from "../auth/actor-of.ts";
import { type Binding, bindRoute } from "../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../platform/api/cursor.ts";
import type { Database } from "../platform/db/database.ts";
import { invalidRequest, notFound } from "../platform/errors.ts";
import * as routes from "./contract.ts";
import { findMemory, listMemories, MemoryPlace, searchMemories } from "./sql/read-memories.ts";
import { deleteMemory, insertMemory } from "./sql/write-memory.ts";

/** Memories of the person who asks. */
export function bindMemories(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(routes.storeMemory, async ({ identity, body, now }, id) => {
      if (body.expires_at !== undefined && new Date(body.expires_at) <= now) {
        throw invalidRequest("The memory would have expired", [{ pointer: "#/expires_at", detail: "must be in the future" }]);
      }
      const { workspaceId, userId } = identity;
      const db = await openDb();
      const memory = await db.transact(actorOf(identity), async (connection) => {
        await insertMemory(connection, { ...body, id, workspaceId, userId, createdAt: now });
        return findMemory(connection, { userId, now, id });
      });
      if (memory === undefined) throw new Error("a memory was not there after it had been stored");
      return { body: memory, headers: { location: `/v1/memories/${id}` } };
    }),
    bindRoute(routes.retrieveMemories, async ({ identity, query, now }) => {
      const { limit, memory_type: memoryType, scope } = query;
      const filter = { userId: identity.userId, now, memoryType, scope };
      const after = decodeCursor(MemoryPlace, query.cursor);
      const words = query.query;
      if (words !== undefined && after !== undefined) {
        throw invalidRequest("A search has one page", [{ pointer: "#/query/cursor", detail: "must not stand beside query" }]);
      }
      const db = await openDb();
      if (words !== undefined) {
        const items = await db.transact(actorOf(identity), (connection) => searchMemories(connection, { ...filter, limit, query: words }));
        return { body: { items, next_cursor: null } };
      }
      const rows = await db.transact(actorOf(identity), (connection) => listMemories(connection, { ...filter, limit: limit + 1, after }));
      return { body: cutPage(rows, limit, ({ created_at, id }) => ({ created_at, id })) };
    }),
    bindRoute(routes.getMemory, async ({ identity, params, now }) => {
      const db = await openDb();
      const wanted = { userId: identity.userId, now, id: params.memory_id };
      const memory = await db.transact(actorOf(identity), (connection) => findMemory(connection, wanted));
      if (memory === undefined) throw notFound("The memory");
      return { body: memory };
    }),
    bindRoute(routes.deleteMemory, async ({ identity, params }) => {
      const db = await openDb();
      const isDeleted = await db.transact(actorOf(identity), (connection) => deleteMemory(connection, identity.userId, params.memory_id));
      if (!isDeleted) throw notFound("The memory");
      return { body: undefined };
    }),
  ];
}

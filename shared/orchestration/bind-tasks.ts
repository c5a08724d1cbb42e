import * as z from "zod";
import { actorOf } from "../auth/actor-of.ts";
import { type Binding, bindRoute } from "../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../platform/api/cursor.ts";
import type { Database } from "../platform/db/database.ts";
import { conflict, notFound } from "../platform/errors.ts";
import { cancelTask, createTask, getTask, listTasks } from "./contracts/tasks.ts";
import type { Runs } from "./open-runs.ts";
import type { StoreFile } from "./post-goal.ts";
import { findTask, listTasks as readTasks } from "./sql/read-tasks.ts";

/** Most requests read. What creates and cancels is loaded by those who do. */
export function bindTasks(openDb: () => Promise<Database>, openRuns: () => Promise<Runs>, storeFile: StoreFile): Binding[] {
  return [
    bindRoute(createTask, async ({ identity, body }, runId) => {
      const { postGoal } = await import("./post-goal.ts");
      const { rootTaskId } = await postGoal({ ...(await openRuns()), storeFile }, identity, runId, body);
      const status = "pending" as const;
      return { body: { task_id: rootTaskId, run_id: runId, status }, headers: { location: `/v1/runs/${runId}` } };
    }),
    bindRoute(getTask, async ({ identity, params }) => {
      const db = await openDb();
      const task = await db.transact(actorOf(identity), (connection) => findTask(connection, params.task_id));
      if (task === undefined) throw notFound("The task");
      return { body: task };
    }),
    bindRoute(listTasks, async ({ identity, query }) => {
      const before = decodeCursor(z.uuid(), query.cursor);
      const db = await openDb();
      const filter = { runId: query.run_id, status: query.status, before, limit: query.limit + 1 };
      const rows = await db.transact(actorOf(identity), (connection) => readTasks(connection, filter));
      return { body: cutPage(rows, query.limit, (row) => row.id) };
    }),
    bindRoute(cancelTask, async ({ identity, params }) => {
      const runs = await openRuns();
      const actor = actorOf(identity);
      const task = await runs.db.transact(actor, (connection) => findTask(connection, params.task_id));
      if (task === undefined) throw notFound("The task");
      if (task.kind !== "goal") throw conflict("Only a goal can be cancelled, with everything that it began");
      const { cancelRun } = await import("./control-run.ts");
      return { body: await cancelRun(runs, actor, task.run_id) };
    }),
  ];
}

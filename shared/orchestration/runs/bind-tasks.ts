import * as z from "zod";
import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../../platform/api/cursor.ts";
import type { Database } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import { cancelTask, createTask, getTask, listTasks, pauseTask, resumeTask, updateTask } from "../contracts/tasks.ts";
import { findTask, listTasks as readTasks } from "../sql/read-tasks.ts";
import type { Runs } from "./open-runs.ts";
import type { StoreFile } from "./post-goal.ts";

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
      const filter = { ...query, before, limit: query.limit + 1 };
      const rows = await db.transact(actorOf(identity), (connection) => readTasks(connection, filter));
      return { body: cutPage(rows, query.limit, (row) => row.id) };
    }),
    bindRoute(updateTask, async ({ identity, params, body }) => {
      const update = await import("../control/update-task.ts");
      return { body: await update.updateTask(await openRuns(), actorOf(identity), params.task_id, body) };
    }),
    ...bindControl(openRuns),
  ];
}

function bindControl(openRuns: () => Promise<Runs>): Binding[] {
  const load = () => import("../control/control-task.ts");
  return [
    bindRoute(cancelTask, async ({ identity, params }) => {
      const control = await load();
      return { body: await control.cancelTask(await openRuns(), actorOf(identity), params.task_id) };
    }),
    bindRoute(pauseTask, async ({ identity, params }) => {
      const control = await load();
      return { body: await control.pauseTask(await openRuns(), actorOf(identity), params.task_id) };
    }),
    bindRoute(resumeTask, async ({ identity, params }) => {
      const control = await load();
      return { body: await control.resumeTask(await openRuns(), actorOf(identity), params.task_id) };
    }),
  ];
}

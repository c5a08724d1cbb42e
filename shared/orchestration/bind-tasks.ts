import * as z from "zod";
import { actorOf } from "../auth/actor-of.ts";
import { type Binding, bindRoute } from "../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../platform/api/cursor.ts";
import { decodeBase64 } from "../platform/base64.ts";
import { AppError, conflict, invalidRequest, notFound } from "../platform/errors.ts";
import { parseUsd } from "../platform/money.ts";
import { findFreeStatus } from "../usage/domain/pricing.ts";
import { hasPrice } from "../usage/has-price.ts";
import { cancelTask, createTask, getTask, listTasks, MAX_GOAL_FILE_BYTES, type NewGoal } from "./contracts/tasks.ts";
import { cancelRun } from "./control-run.ts";
import { createRun } from "./create-run.ts";
import type { Runs } from "./open-runs.ts";
import { findTask, listTasks as readTasks } from "./sql/read-tasks.ts";

/** What a run may cost when nobody says and its model is not free. */
const DEFAULT_BUDGET_USD = "5";

/** Puts a file into the workspace of a run. */
export type StoreFile = (place: { workspaceId: string; runId: string; path: string }, content: Uint8Array) => Promise<void>;

export function bindTasks(open: () => Promise<Runs>, storeFile: StoreFile): Binding[] {
  return [
    bindRoute(createTask, async ({ identity, body }, runId) => {
      const runs = await open();
      const files = decodeFiles(body.files);
      const limit = limitOf(runs, body);
      await refuseUnpriced(runs);
      // Before the commit: a run never begins without the files that it was given.
      await Promise.all(files.map(({ path, content }) => storeFile({ workspaceId: identity.workspaceId, runId, path }, content)));
      const { rootTaskId } = await createRun(runs, {
        runId,
        workspaceId: identity.workspaceId,
        userId: identity.userId,
        goal: body.goal,
        files: files.map(({ path, content }) => ({ path, bytes: content.byteLength })),
        model: runs.defaultModel,
        limit,
      });
      const status = "pending" as const;
      return { body: { task_id: rootTaskId, run_id: runId, status }, headers: { location: `/v1/runs/${runId}` } };
    }),
    bindRoute(getTask, async ({ identity, params }) => {
      const { db } = await open();
      const task = await db.transact(actorOf(identity), (connection) => findTask(connection, params.task_id));
      if (task === undefined) throw notFound("The task");
      return { body: task };
    }),
    bindRoute(listTasks, async ({ identity, query }) => {
      const before = decodeCursor(z.uuid(), query.cursor);
      const { db } = await open();
      const filter = { runId: query.run_id, status: query.status, before, limit: query.limit + 1 };
      const rows = await db.transact(actorOf(identity), (connection) => readTasks(connection, filter));
      return { body: cutPage(rows, query.limit, (row) => row.id) };
    }),
    bindRoute(cancelTask, async ({ identity, params }) => {
      const runs = await open();
      const actor = actorOf(identity);
      const task = await runs.db.transact(actor, (connection) => findTask(connection, params.task_id));
      if (task === undefined) throw notFound("The task");
      if (task.kind !== "goal") throw conflict("Only a goal can be cancelled, with everything that it began");
      return { body: await cancelRun(runs, actor, task.run_id) };
    }),
  ];
}

function decodeFiles(files: NewGoal["files"]): { path: string; content: Uint8Array }[] {
  const decoded = files.map(({ path, content: text, encoding }, index) => {
    const content = encoding === "base64" ? decodeBase64(text) : Buffer.from(text, encoding);
    if (content !== undefined) return { path, content };
    throw invalidRequest("A file is not valid base64", [{ pointer: `#/files/${index}/content`, detail: "not base64" }]);
  });
  const bytes = decoded.reduce((sum, file) => sum + file.content.byteLength, 0);
  if (bytes > MAX_GOAL_FILE_BYTES)
    throw new AppError("too-large", `The files have ${bytes} bytes together; at most ${MAX_GOAL_FILE_BYTES} are accepted`);
  return decoded;
}

function limitOf({ defaultModel }: Runs, { budget_usd }: NewGoal): bigint | null {
  if (budget_usd !== undefined) return parseUsd(budget_usd);
  return findFreeStatus(defaultModel) === undefined ? parseUsd(DEFAULT_BUDGET_USD) : null;
}

/** An unknown price is never zero: a model that nobody priced cannot be held for, so no run may begin with it. */
async function refuseUnpriced({ defaultModel, now }: Runs): Promise<void> {
  if (await hasPrice(defaultModel, now())) return;
  throw new AppError("unpriced-model", `No price is known for ${defaultModel}: add it to shared/usage/prices.json`);
}

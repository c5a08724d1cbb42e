import * as z from "zod";
import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../../platform/api/cursor.ts";
import type { Identity } from "../../platform/api/route.ts";
import type { Database } from "../../platform/db/database.ts";
import { conflict, notFound } from "../../platform/errors.ts";
import { parseUsd } from "../../platform/money.ts";
import { cancelRun, downloadRunFile, getRun, listRunFiles, listRuns, pauseRun, resumeRun, uploadRunFile } from "../contracts/runs.ts";
import { findRunState } from "../sql/read-run-state.ts";
import { findRun, listRuns as readRuns } from "../sql/read-runs.ts";
import type { Runs } from "./open-runs.ts";
import type { StoreFile } from "./post-goal.ts";

/** Files of a run, wherever they are kept. */
export type RunFiles = {
  store: StoreFile;
  list: (place: { workspaceId: string; runId: string }) => Promise<{ path: string; bytes: number }[]>;
  /** Undefined when there is no such file. */
  find: (place: { workspaceId: string; runId: string; path: string }) => Promise<Uint8Array | undefined>;
};

/** Most requests read. What changes a run is loaded by those who do. */
export function bindRuns(openDb: () => Promise<Database>, openRuns: () => Promise<Runs>, files: RunFiles): Binding[] {
  return [...bindReading(openDb), ...bindControl(openRuns), ...bindFiles(openDb, files)];
}

function bindReading(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(listRuns, async ({ identity, query }) => {
      const before = decodeCursor(z.uuid(), query.cursor);
      const db = await openDb();
      const filter = { ...query, before, limit: query.limit + 1 };
      const rows = await db.transact(actorOf(identity), (connection) => readRuns(connection, filter));
      return { body: cutPage(rows, query.limit, (row) => row.id) };
    }),
    bindRoute(getRun, async ({ identity, params }) => {
      const db = await openDb();
      const run = await db.transact(actorOf(identity), (connection) => findRun(connection, params.run_id));
      if (run === undefined) throw notFound("The run");
      return { body: run };
    }),
  ];
}

function bindControl(openRuns: () => Promise<Runs>): Binding[] {
  const load = () => import("../control/control-run.ts");
  return [
    bindRoute(cancelRun, async ({ identity, params }) => {
      const control = await load();
      return { body: await control.cancelRun(await openRuns(), actorOf(identity), params.run_id) };
    }),
    bindRoute(pauseRun, async ({ identity, params }) => {
      const control = await load();
      return { body: await control.pauseRun(await openRuns(), actorOf(identity), params.run_id) };
    }),
    bindRoute(resumeRun, async ({ identity, params, body }) => {
      const control = await load();
      const limit = body.budget_usd === undefined ? undefined : parseUsd(body.budget_usd);
      return { body: await control.resumeRun(await openRuns(), actorOf(identity), params.run_id, limit) };
    }),
  ];
}

function bindFiles(openDb: () => Promise<Database>, files: RunFiles): Binding[] {
  const stateOf = async (identity: Identity, runId: string) => {
    const db = await openDb();
    const state = await db.transact(actorOf(identity), (connection) => findRunState(connection, runId));
    if (state === undefined) throw notFound("The run");
    return state;
  };
  return [
    bindRoute(listRunFiles, async ({ identity, params }) => {
      await stateOf(identity, params.run_id);
      return { body: { files: await files.list({ workspaceId: identity.workspaceId, runId: params.run_id }) } };
    }),
    bindRoute(uploadRunFile, async ({ identity, params, body }) => {
      const { status } = await stateOf(identity, params.run_id);
      if (status !== "pending" && status !== "running" && status !== "paused")
        throw conflict(`The run is ${status}, so its files no longer change`);
      await files.store({ workspaceId: identity.workspaceId, runId: params.run_id, path: params.path }, body);
      return { body: { path: params.path, bytes: body.byteLength } };
    }),
    bindRoute(downloadRunFile, async ({ identity, params }) => {
      await stateOf(identity, params.run_id);
      const content = await files.find({ workspaceId: identity.workspaceId, runId: params.run_id, path: params.path });
      if (content === undefined) throw notFound("The file");
      return { body: { raw: content, contentType: "application/octet-stream" } };
    }),
  ];
}

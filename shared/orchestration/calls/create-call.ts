import type { Queryable } from "../../platform/db/database.ts";
import { conflict, notFound } from "../../platform/errors.ts";
import { hashJson } from "../../platform/hash.ts";
import type { JsonObject } from "../../platform/json.ts";
import { draftPayload } from "../decide/draft.ts";
import { chooseAgent } from "../domain/choose-agent.ts";
import type { Runs } from "../runs/open-runs.ts";
import { findCall, insertCall } from "../sql/calls.ts";
import { readPool } from "../sql/read-pool.ts";
import { findRunState } from "../sql/read-run-state.ts";

/** How long a call may wait for room and be carried out: whoever made it will not come back for it later. */
const CALL_SECONDS = 60 * 60;

export type CallRequest = {
  /** The id that the run of the call will have; the same one again creates nothing. */
  runId: string;
  workspaceId: string;
  userId: string;
  tool: string;
  arguments: JsonObject;
  /** The run in whose workspace the tool works; undefined for an empty workspace of its own. */
  workspaceRunId: string | undefined;
  /** The tool changes the files of the workspace. */
  writes: boolean;
};

/**
 * Creates the run of one tool call from outside, of one task and one effect, and asks the conductor to begin it. The watchdog's first
 * message goes out before the commit, as for any run. Safe to call again with the same id.
 * @throws AppError `not-found` when the workspace has no run `workspaceRunId`; `conflict` when its files no longer change, or when no
 * agent of the workspace may use the tool
 */
export async function createCall(deps: Runs, request: CallRequest): Promise<void> {
  const { runId, workspaceId, userId } = request;
  await deps.outbox.sendWatchdog({ run_id: runId, seq: 1 }, deps.watchdogSeconds);
  await deps.db.transact({ role: "app", workspaceId, userId }, async (db) => {
    if ((await findCall(db, runId)) !== undefined) return;
    await requireWorkspace(db, request);
    await insert(deps, db, request);
  });
  // The watchdog would begin it a little later; whoever waits sees it under way.
  await deps.outbox.sendHint(runId).catch((error: unknown) => {
    deps.log("a call could not be begun at once; the watchdog will", { run_id: runId, error });
  });
}

async function requireWorkspace(db: Queryable, { workspaceRunId, writes }: CallRequest): Promise<void> {
  if (workspaceRunId === undefined) return;
  const state = await findRunState(db, workspaceRunId);
  if (state === undefined) throw notFound("The run");
  const goesOn = state.status === "pending" || state.status === "running" || state.status === "paused";
  if (writes && !goesOn) throw conflict(`The run is ${state.status}, so its files no longer change`);
}

async function insert(deps: Runs, db: Queryable, request: CallRequest): Promise<void> {
  const { runId, workspaceId, userId, tool } = request;
  const pool = (await readPool(db, [workspaceId])).get(workspaceId) ?? [];
  const agent = chooseAgent(pool, "executor", [tool], { now: deps.now().toISOString() });
  if (agent === undefined) throw conflict(`No executor agent of the workspace can use ${tool}`);
  const now = deps.now();
  const goal = `Call ${tool}`;
  const payload = draftPayload(deps, { tool, call_id: runId, arguments: request.arguments });
  await insertCall(db, {
    run_id: runId,
    task_id: deps.newId(),
    budget_id: deps.newId(),
    workspace_id: workspaceId,
    user_id: userId,
    agent_id: agent.id,
    tool,
    goal,
    goal_sha256: hashJson(goal),
    request: payload,
    options: {
      model: deps.defaultModel,
      files: [],
      call: { payload_id: payload.id, workspace_run_id: request.workspaceRunId ?? runId },
    },
    now,
    deadline: new Date(now.getTime() + CALL_SECONDS * 1_000),
  });
}

import type { Identity } from "../../platform/api/route.ts";
import { decodeBase64 } from "../../platform/base64.ts";
import { AppError, invalidRequest } from "../../platform/errors.ts";
import { parseUsd } from "../../platform/money.ts";
import { findFreeStatus } from "../../usage/domain/pricing.ts";
import { hasPrice } from "../../usage/has-price.ts";
import { MAX_GOAL_FILE_BYTES, type NewGoal } from "../contracts/tasks.ts";
import { draftPayload } from "../decide/draft.ts";
import type { NewPayload } from "../domain/batch.ts";
import { createRun } from "./create-run.ts";
import type { Runs } from "./open-runs.ts";

/** What a run may cost when nobody says and its model is not free. */
const DEFAULT_BUDGET_USD = "5";

/** Times that a run is planned again after a failure or a rejection, when nobody says and a model plans. */
const DEFAULT_REPLANS = 1;

/** How deep below its plan the tasks of a run may be divided when nobody says and a model carries them out. */
const DEFAULT_SUBTASK_DEPTH = 2;

/** Puts a file into the workspace of a run. */
export type StoreFile = (place: { workspaceId: string; runId: string; path: string }, content: Uint8Array) => Promise<void>;

/**
 * Stores the files of a goal and creates the run `runId` that pursues it. Safe to call again with the same id.
 * @throws AppError `invalid-request`, `too-large`, `unpriced-model`
 */
export async function postGoal(
  deps: Runs & { storeFile: StoreFile },
  { workspaceId, userId }: Identity,
  runId: string,
  goal: NewGoal,
): Promise<{ rootTaskId: string }> {
  const files = decodeFiles(goal.files);
  const plan = await readPlan(deps, { workspaceId, userId }, goal);
  const limit = limitOf([deps.defaultModel], goal.budget_usd);
  await refuseUnpriced(deps);
  // Before the commit: a run never begins without the files that it was given.
  await Promise.all(files.map(({ path, content }) => deps.storeFile({ workspaceId, runId, path }, content)));
  return createRun(deps, {
    runId,
    workspaceId,
    userId,
    goal: goal.goal,
    files: files.map(({ path, content }) => ({ path, bytes: content.byteLength })),
    model: deps.defaultModel,
    plan,
    // Rules that know no model would plan the same again.
    replans: goal.max_replans ?? (isOffline(deps) ? 0 : DEFAULT_REPLANS),
    subtaskDepth: goal.max_subtask_depth ?? (isOffline(deps) ? 0 : DEFAULT_SUBTASK_DEPTH),
    planOnly: goal.plan_only ?? false,
    limit,
  });
}

/** Most goals come without a plan. */
async function readPlan(deps: Runs, person: { workspaceId: string; userId: string }, { tasks }: NewGoal): Promise<NewPayload | undefined> {
  if (tasks === undefined) return undefined;
  const [{ acceptPlan }, { readPastTasks }, { rememberSeconds }] = await Promise.all([
    import("../plans/accept-plan.ts"),
    import("../plans/sql.ts"),
    import("../domain/estimate-task.ts"),
  ]);
  const secondsOf = rememberSeconds(await deps.db.transact({ role: "app", ...person }, (db) => readPastTasks(db, person.workspaceId)));
  return draftPayload(
    deps,
    acceptPlan(tasks, ({ required_capabilities: tools, complexity }) => secondsOf({ kind: "executor", tools, complexity })),
  );
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

function isOffline({ defaultModel }: Runs): boolean {
  return findFreeStatus(defaultModel) === "offline";
}

/** The limit that somebody gave, or a small one where one of the models costs something. */
export function limitOf(models: readonly string[], budgetUsd: string | undefined): bigint | null {
  if (budgetUsd !== undefined) return parseUsd(budgetUsd);
  return models.some((model) => findFreeStatus(model) === undefined) ? parseUsd(DEFAULT_BUDGET_USD) : null;
}

/** An unknown price is never zero: a model that nobody priced cannot be held for, so no run may begin with it. */
async function refuseUnpriced({ defaultModel, now }: Runs): Promise<void> {
  if (await hasPrice(defaultModel, now())) return;
  throw new AppError("unpriced-model", `No price is known for ${defaultModel}: add it to shared/usage/prices.json`);
}

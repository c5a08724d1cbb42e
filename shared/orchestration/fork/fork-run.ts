import type { Actor } from "../../platform/db/database.ts";
import { AppError, conflict, invalidRequest, notFound } from "../../platform/errors.ts";
import { hashJson } from "../../platform/hash.ts";
import { formatUsd } from "../../platform/money.ts";
import { findPromptHash } from "../../prompts/find-prompt-hash.ts";
import { hasPrice } from "../../usage/has-price.ts";
import type { ForkBill, ForkRequest } from "../contracts/forks.ts";
import { draftPayload } from "../decide/draft.ts";
import type { NewPayload } from "../domain/batch.ts";
import type { Fact } from "../domain/events.ts";
import { planStored } from "../domain/judge-tasks.ts";
import { type ForkedTask, type ForkPlan, planFork } from "../domain/plan-fork.ts";
import type { RunFiles } from "../runs/bind-runs.ts";
import { RUN_SECONDS } from "../runs/create-run.ts";
import type { Runs } from "../runs/open-runs.ts";
import { limitOf } from "../runs/post-goal.ts";
import { type ForkedRow, type ForkSource, insertFork, readCallsOfTask, readForkSource } from "../sql/fork.ts";
import { startExecutionOf } from "../watchdog/start-execution.ts";

type Person = Actor & { role: "app" };
type Forked = { source: ForkSource; plan: ForkPlan };

/**
 * What a fork would reuse, carry out again and cost.
 * @throws AppError `not-found`; `conflict` when the run goes on or has no plan; `invalid-request`; `unpriced-model`
 */
export async function previewFork(deps: Runs, actor: Person, runId: string, request: ForkRequest): Promise<ForkBill> {
  const { plan } = await readFork(deps, actor, runId, request);
  return toBill(plan);
}

/**
 * Makes the run `forkId` with the plan of another, in which nothing that is not downstream of the edit is carried out again. The sets are those of
 * the preview. Files of the workspace come along, but for those that only tasks which are carried out again have written. Safe to call again.
 * @throws AppError as `previewFork`
 */
export async function forkRun(
  deps: Runs & { files: RunFiles },
  actor: Person,
  runId: string,
  forkId: string,
  request: ForkRequest,
): Promise<ForkBill> {
  const { workspaceId, userId } = actor;
  const { source, plan } = await readFork(deps, actor, runId, request);
  await copyFiles(deps.files, workspaceId, runId, forkId, plan);
  const given = request.result === undefined ? undefined : draftPayload(deps, request.result);
  const limit = limitOf([source.options.model, ...(request.model === undefined ? [] : [request.model])], request.budget_usd);
  const rows = layOutFork(deps, source, plan, request, given);
  const now = deps.now();
  // Before the commit, as for any run: a crash after it then finds a watchdog.
  await deps.outbox.sendWatchdog({ run_id: forkId, seq: 1 }, deps.watchdogSeconds);
  await deps.db.transact(actor, (db) =>
    insertFork(db, {
      run_id: forkId,
      root_task_id: deps.newId(),
      budget_id: deps.newId(),
      workspace_id: workspaceId,
      user_id: userId,
      from_run_id: runId,
      from_task_id: request.task_id,
      options: {
        ...(source.options.max_subtask_depth === undefined ? {} : { max_subtask_depth: source.options.max_subtask_depth }),
        model: source.options.model,
        files: source.options.files,
      },
      limit_nano: limit,
      open_tasks: plan.rerun.length,
      facts: tellFork(source, rows, { runId, taskId: request.task_id, limit }),
      tasks: rows,
      given,
      now,
      deadline: new Date(now.getTime() + RUN_SECONDS * 1_000),
    }),
  );
  await startExecutionOf(deps, forkId, actor);
  return toBill(plan);
}

async function readFork(deps: Runs, actor: Person, runId: string, request: ForkRequest): Promise<Forked> {
  await refuseEdit(deps, request);
  const { source, calls } = await deps.db.transact(actor, async (db) => ({
    source: await readForkSource(db, runId),
    calls: request.model === undefined ? [] : await readCallsOfTask(db, request.task_id),
  }));
  if (source === undefined) throw notFound("The run");
  if (source.plan_version === 0 || source.tasks.length === 0) throw conflict("The run has no plan yet, so there is nothing to fork");
  if (source.status === "pending" || source.status === "running")
    throw conflict(`The run is ${source.status}: what a fork could reuse still changes. Pause it first, or wait for its end`);
  if (!source.tasks.some((task) => task.id === request.task_id)) throw notFound("The task");
  const tasks = request.model === undefined ? source.tasks : await reprice(deps, source.tasks, request.task_id, request.model, calls);
  return { source, plan: planFork(tasks, source.rest, { task_id: request.task_id, gives_result: request.result !== undefined }) };
}

async function refuseEdit({ now }: Runs, { model, prompt_version: version }: ForkRequest): Promise<void> {
  if (version !== undefined && findPromptHash("executor", Number.parseInt(version.slice(1), 10)) === undefined) {
    const detail = `The executor's prompt has no version ${version}`;
    throw invalidRequest(detail, [{ pointer: "#/prompt_version", detail }]);
  }
  if (model !== undefined && !(await hasPrice(model, now())))
    throw new AppError("unpriced-model", `No price is known for ${model}: add it to shared/usage/prices.json`);
}

/** What the calls of the edited task would cost with another model: as many tokens, and at worst as much output as they were allowed. */
async function reprice(
  { now }: Runs,
  tasks: ForkSource["tasks"],
  taskId: string,
  model: string,
  calls: Awaited<ReturnType<typeof readCallsOfTask>>,
): Promise<ForkedTask[]> {
  const { openPrices } = await import("../prices/open-prices.ts");
  const prices = await openPrices(model, now());
  const priceOf = (call: (typeof calls)[number], output_tokens: number) => {
    const { input_tokens, cached_input_tokens } = call;
    return prices.charge(model, { model, input_tokens, cached_input_tokens, output_tokens }).cost_nano ?? 0n;
  };
  const paid = calls.filter((call) => call.completed).reduce((sum, call) => sum + priceOf(call, call.output_tokens), 0n);
  const held = calls.reduce((sum, call) => sum + priceOf(call, Math.max(call.output_tokens, call.max_output_tokens)), 0n);
  return tasks.map((task) => (task.id === taskId ? { ...task, paid_nano: paid, held_nano: held } : task));
}

function toBill(plan: ForkPlan): ForkBill {
  const name = ({ id, ordinal, name: called }: ForkedTask) => ({ task_id: id, ordinal, name: called });
  return {
    reused: plan.reused.map(name),
    given: plan.given === null ? null : name(plan.given),
    rerun: plan.rerun.map(name),
    left_out: plan.left_out.map(name),
    repeated: plan.repeated.map(({ task, effect_id, seq, tool }) => ({ ...name(task), effect_id, seq, tool })),
    unproven: plan.unproven.map(name),
    cost_usd: { low: formatUsd(plan.low_nano), high: formatUsd(plan.high_nano) },
    dropped_files: plan.dropped_files,
  };
}

async function copyFiles(files: RunFiles, workspaceId: string, runId: string, forkId: string, plan: ForkPlan): Promise<void> {
  const dropped = new Set(plan.dropped_files);
  for (const { path } of await files.list({ workspaceId, runId })) {
    if (dropped.has(path)) continue;
    const content = await files.find({ workspaceId, runId, path });
    if (content !== undefined) await files.store({ workspaceId, runId: forkId, path }, content);
  }
}

function layOutFork(deps: Runs, source: ForkSource, plan: ForkPlan, request: ForkRequest, given: NewPayload | undefined): ForkedRow[] {
  const rerun = new Set(plan.rerun.map((task) => task.id));
  const leftOut = new Set(plan.left_out.map((task) => task.id));
  const kept = source.tasks.filter((task) => !leftOut.has(task.id));
  const ids = new Map(kept.map((task) => [task.id, deps.newId()]));
  return kept.map((task) => ({
    id: ids.get(task.id) ?? deps.newId(),
    from_id: task.id,
    parent_task_id: ids.get(task.subtask_of ?? "") ?? null,
    status: rerun.has(task.id) ? "pending" : "completed",
    depends_on: task.depends_on.flatMap((id) => ids.get(id) ?? []),
    pending: task.depends_on.filter((id) => rerun.has(id)).length,
    ...(task.id === request.task_id ? editOf(request, given) : UNEDITED),
  }));
}

type Edited = Pick<ForkedRow, "description" | "overrides" | "result_payload_id" | "result_sha256">;
const UNEDITED: Edited = { description: null, overrides: null, result_payload_id: null, result_sha256: null };

function editOf({ description, model, prompt_version }: ForkRequest, given: NewPayload | undefined): Edited {
  const overrides = { ...(model === undefined ? {} : { model }), ...(prompt_version === undefined ? {} : { prompt_version }) };
  return {
    description: description ?? null,
    overrides: model === undefined && prompt_version === undefined ? null : overrides,
    result_payload_id: given?.id ?? null,
    result_sha256: given?.sha256 ?? null,
  };
}

function tellFork(source: ForkSource, rows: readonly ForkedRow[], from: { runId: string; taskId: string; limit: bigint | null }): Fact[] {
  const origins = new Map(source.tasks.map((task) => [task.id, task]));
  const ordinals = new Map(rows.map((row) => [row.id, origins.get(row.from_id)?.ordinal ?? 0]));
  const told = rows.map((row) => {
    const { ordinal = 0, name = "", result_sha256 = null } = origins.get(row.from_id) ?? {};
    const depends_on = row.depends_on.map((id) => ordinals.get(id) ?? 0);
    return { row, result_sha256: row.result_sha256 ?? result_sha256, task: { task_id: row.id, ordinal, name }, depends_on };
  });
  return [
    { type: "run-created", goal_sha256: hashJson(source.goal), budget_usd: from.limit === null ? null : formatUsd(from.limit) },
    { type: "run-forked", from_run_id: from.runId, from_task_id: from.taskId },
    ...planStored(told.map(({ task, depends_on }) => ({ ...task, depends_on }))),
    ...told.flatMap(({ row, task, result_sha256 }): Fact[] =>
      row.status === "pending" || result_sha256 === null
        ? []
        : [{ type: "task-reused", ...task, from_task_id: row.from_id, result_sha256, given: row.result_payload_id !== null }],
    ),
  ];
}

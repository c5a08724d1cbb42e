import * as z from "zod";
import type { EffectError } from "../../effects/contracts/effect.ts";
import { cutDetail } from "../../effects/cut-detail.ts";
import type { NewPayload, NewTask, PhaseDue } from "./batch.ts";
import { type Board, type BoardRun, type BoardTask, change, nameTask, record } from "./board.ts";
import { describeEpisode } from "./episode.ts";
import type { Fact } from "./events.ts";
import { failPhase, planAgainOrFail } from "./plan-again.ts";

type TaskEnd = { result: NewPayload; plan: NewTask[] | null } | { error: EffectError };
/** Completed without a result: only what a plan asks for can be skipped. */
type Skipped = "skipped";

export function endTask(board: Board, task: BoardTask, status: "completed" | "failed" | "cancelled"): void {
  change(board, "tasks", task).status = status;
  task.completed_at = board.now;
}

/** What the end of a task means for its run: dependents, the count of open tasks, and the answer that the phase waits for. */
export function phaseEnds(board: Board, run: BoardRun, task: BoardTask, end: TaskEnd | Skipped): void {
  change(board, "runs", run);
  if (task.kind === "executor" || end === "skipped") return executorEnds(board, run, task, errorOf(end));
  if (task.kind === "call") return callEnds(board, run, end);
  if ("error" in end) {
    failPhase(run, end.error);
    return;
  }
  switch (task.kind) {
    case "planner":
      storePlan(board, run, end.plan ?? []);
      break;
    case "critic":
      judgeReview(board, run, end.result);
      break;
    case "summarizer":
      completeRun(board, run, end.result);
      run.phase_due = { kind: "success", output: {} } satisfies PhaseDue;
      rememberRun(board, run, end.result);
      break;
    case "goal":
      break;
  }
}

function errorOf(end: TaskEnd | Skipped): EffectError | null {
  return end !== "skipped" && "error" in end ? end.error : null;
}

/** Nothing comes after a call from outside: no state machine waits, and nothing is remembered. Its task is the run's root. */
function callEnds(board: Board, run: BoardRun, end: TaskEnd): void {
  if ("result" in end) return completeRun(board, run, end.result);
  run.status = "failed";
  run.phase = "end";
  run.finished_at = board.now;
  run.error = end.error;
  record(board, run.id, { type: "run-failed", error: end.error });
}

function executorEnds(board: Board, run: BoardRun, task: BoardTask, error: EffectError | null): void {
  run.open_tasks -= 1;
  if (error !== null) {
    run.error ??= { ...error, detail: cutDetail(`Task ${task.ordinal} (${task.name}): ${error.detail}`) };
    cancelDescendants(board, run, task, "failed");
  } else {
    for (const id of board.children.get(task.id) ?? []) {
      const child = board.tasks.get(id);
      if (child !== undefined) change(board, "tasks", child).pending_dependencies -= 1;
    }
  }
  if (run.open_tasks > 0) return;
  if (run.error === null) run.phase_due = { kind: "success", output: {} } satisfies PhaseDue;
  else planAgainOrFail(board, run, "failure", run.error);
}

/** What can no longer begin, because something that it depends on will never complete. */
export function cancelDescendants(board: Board, run: BoardRun, cause: BoardTask, fate: "failed" | "was cancelled"): void {
  for (const id of board.descendants.get(cause.id) ?? []) {
    const task = board.tasks.get(id);
    if (task === undefined || task.status !== "pending") continue;
    endTask(board, task, "cancelled");
    run.open_tasks -= 1;
    record(board, run.id, { type: "task-cancelled", ...nameTask(task), reason: `task ${cause.ordinal} ${fate}` });
  }
}

/** Tasks that one fact names: a plan of 10,000 is told in pieces that a reader of the log can take in. */
const TASKS_OF_A_FACT = 500;

/** Adds the tasks of a plan to its run, whose phase of planning is over with it: answers what is due for that. */
export function storePlan(board: Board, run: BoardRun, plan: readonly NewTask[]): PhaseDue {
  const ordinals = new Map(plan.map((task) => [task.id, task.ordinal]));
  for (const task of plan) {
    board.inserts.tasks.push({
      ...task,
      workspace_id: run.workspace_id,
      run_id: run.id,
      user_id: run.user_id,
      parent_task_id: run.root_task_id,
    });
  }
  run.plan_version += 1;
  run.open_tasks = plan.length;
  const tasks = plan.map((task) => ({ ...nameTask(task), depends_on: listParents(task, ordinals) }));
  for (const fact of planStored(tasks)) record(board, run.id, fact);
  const due: PhaseDue = { kind: "success", output: {} };
  run.phase_due = due;
  return due;
}

/** Ordinals of all that a new task depends on; `ordinals` of those that are new with it. */
export function listParents({ depends_on, finished_parents = [] }: NewTask, ordinals: ReadonlyMap<string, number>): number[] {
  return [...finished_parents.map(({ ordinal }) => ordinal), ...depends_on.map((id) => ordinals.get(id) ?? 0)];
}

/** A plan as its log tells it, in pieces that a reader can take in. */
export function planStored(tasks: Extract<Fact, { type: "plan-stored" }>["tasks"]): Fact[] {
  const pieces: Fact[] = [];
  for (let start = 0; start < tasks.length; start += TASKS_OF_A_FACT) {
    pieces.push({ type: "plan-stored", tasks: tasks.slice(start, start + TASKS_OF_A_FACT) });
  }
  return pieces;
}

function completeRun(board: Board, run: BoardRun, result: NewPayload): void {
  run.status = "completed";
  run.phase = "end";
  run.finished_at = board.now;
  run.result_payload_id = result.id;
  const root = board.tasks.get(run.root_task_id);
  if (root !== undefined) {
    endTask(board, root, "completed");
    root.result_payload_id = result.id;
    root.result_sha256 = result.sha256;
  }
  record(board, run.id, { type: "run-completed", result_sha256: result.sha256 });
}

function rememberRun(board: Board, run: BoardRun, result: NewPayload): void {
  board.inserts.episodes.push({
    id: board.newId(),
    workspace_id: run.workspace_id,
    user_id: run.user_id,
    run_id: run.id,
    content: describeEpisode(run.goal, result.body),
    metadata: { run_id: run.id, result_sha256: result.sha256 },
  });
}

/** A rejected result is not reported as a success: the run is planned again, or fails, with what the critic found. */
function judgeReview(board: Board, run: BoardRun, result: NewPayload): void {
  const review = z.object({ approved: z.boolean(), issues: z.array(z.object({ description: z.string() })) }).parse(result.body);
  if (review.approved) {
    run.phase_due = { kind: "success", output: { approved: true } } satisfies PhaseDue;
    return;
  }
  const detail = review.issues.map((issue) => issue.description).join("; ") || "The critic gave no reason";
  planAgainOrFail(board, run, "rejection", { code: "rejected-by-critic", detail: cutDetail(detail), retryable: false });
}

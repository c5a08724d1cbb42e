import type { Proposal, Step } from "../batch.ts";
import { type Board, type BoardAttempt, type BoardRun, type BoardTask, change, nameTask, record } from "../board.ts";
import { endAttempt } from "../judge-steps.ts";
import { listParents } from "../judge-tasks.ts";
import { budgetsOf } from "../money.ts";

type Place = { run: BoardRun; task: BoardTask; attempt: BoardAttempt };
type Division = Extract<Step["move"], { kind: "subtasks" }>;

/** Whether what a proposal was accepted by has changed: the plan it is laid out behind, or what may be spent on it. It is then judged again. */
export function isOvertaken(board: Board, run: BoardRun, task: BoardTask, { move }: Step): boolean {
  if (move.kind !== "subtasks") return false;
  if (run.plan_version !== move.plan_version || run.is_finishing) return true;
  return budgetsOf(board, run, task.id).some(
    ({ scope, limit_nano: limit, spent_nano, held_nano }) =>
      limit !== null && (scope === "task" || (move.cost_nano > 0n && spent_nano + held_nano + move.cost_nano > limit)),
  );
}

/** Writes the proposals of a step with what was said to each, and what an accepted one means for its task. */
export function store(board: Board, place: Place, { move, proposals = [] }: Step): void {
  for (const proposal of proposals) storeProposal(board, place, proposal);
  if (move.kind === "subtasks") divideTask(board, place, move);
}

function storeProposal(board: Board, { run, task, attempt }: Place, { request, answer, ...effect }: Proposal): void {
  const owner = { workspace_id: run.workspace_id, run_id: run.id };
  const result = "result" in answer ? answer.result : null;
  const error = "error" in answer ? answer.error : null;
  const state = error === null ? "done" : "failed";
  board.inserts.payloads.push({ ...request, ...owner });
  if (result !== null) board.inserts.payloads.push({ ...result, ...owner });
  board.inserts.proposals.push({
    ...effect,
    ...owner,
    task_id: task.id,
    attempt_id: attempt.id,
    state,
    request_payload_id: request.id,
    request_sha256: request.sha256,
    result_payload_id: result?.id ?? null,
    result_sha256: result?.sha256 ?? null,
    error,
  });
  const { id: effect_id, seq, kind } = effect;
  const answered = { effect_id, seq, kind, state, by: "propose_subtasks", cost_usd: null, result_sha256: result?.sha256 ?? null } as const;
  record(board, run.id, { type: "effect-answered", ...nameTask(task), ...answered });
  if (error !== null) record(board, run.id, { type: "subtasks-refused", ...nameTask(task), attempt: attempt.number, error });
}

/** The task waits for its subtasks, and whoever waits for it goes on to. It is begun once more when they have completed. */
function divideTask(board: Board, place: Place, { tasks }: Division): void {
  const { run, task, attempt } = place;
  endAttempt(board, place, "completed", null);
  change(board, "tasks", task).status = "pending";
  task.pending_dependencies = tasks.length;
  task.not_before = null;
  change(board, "runs", run).plan_version += 1;
  run.open_tasks += tasks.length;
  const { workspace_id, id: run_id, user_id } = run;
  for (const subtask of tasks) board.inserts.tasks.push({ ...subtask, workspace_id, run_id, user_id, parent_task_id: task.id });
  board.ready.push(...tasks.flatMap(({ id, depends_on }) => (depends_on.length === 0 ? [id] : [])));
  const ordinals = new Map(tasks.map(({ id, ordinal }) => [id, ordinal]));
  record(board, run.id, {
    type: "subtasks-proposed",
    ...nameTask(task),
    attempt: attempt.number,
    depth: tasks[0]?.subtask?.depth ?? 0,
    tasks: tasks.map((subtask) => ({ ...nameTask(subtask), depends_on: listParents(subtask, ordinals) })),
  });
}

import { acceptsTasks, roomOf } from "./agent-health.ts";
import type { NewEffect, Start, StartVerdict } from "./batch.ts";
import { type Board, type BoardRun, type BoardTask, change, nameTask, record } from "./board.ts";
import { needsApproval } from "./inbox/need-approval.ts";
import { reserve } from "./money.ts";
import { isUnapproved } from "./plan-contract/plan-contract.ts";
import { isWorkspaceFull, occupy } from "./room.ts";

/**
 * Begins the next attempt of a task if its run goes on, all it depends on has completed, its agent has room and the budgets cover its
 * first effects. Nothing is changed otherwise.
 */
export function judgeStart(board: Board, start: Start): StartVerdict {
  const task = board.tasks.get(start.task_id);
  const run = task === undefined ? undefined : board.runs.get(task.run_id);
  const agent = board.agents.get(start.agent_id);
  if (task === undefined || run === undefined || agent === undefined) return "unknown";
  if (!takesTask(run, task)) return "late";
  if (!isReady(board, run, task, start)) return "not-ready";
  if (!acceptsTasks(agent, board.now)) return "unavailable";
  if (roomOf(agent, board.now) === 0 || isWorkspaceFull(board, run.workspace_id)) return "capacity";
  if (!reserve(board, run, task.id, start.effects)) return "budget";

  occupy(board, run, agent);
  change(board, "tasks", task).status = "in_progress";
  task.attempts += 1;
  task.not_before = null;
  task.started_at ??= board.now;
  board.inserts.payloads.push({ ...start.briefing, workspace_id: run.workspace_id, run_id: run.id });
  board.inserts.attempts.push({
    id: start.attempt_id,
    workspace_id: run.workspace_id,
    run_id: run.id,
    task_id: task.id,
    agent_id: agent.id,
    number: task.attempts,
    briefing_payload_id: start.briefing.id,
    deadline_at: deadlineOf(task, board.now),
  });
  insertEffects(board, { run, task, attempt_id: start.attempt_id }, start.effects);
  record(board, run.id, { type: "task-started", ...nameTask(task), attempt: task.attempts, agent: agent.name });
  return "ok";
}

/** A plan that a person wants to see first begins with nothing before it is approved. */
function takesTask(run: BoardRun, { kind }: BoardTask): boolean {
  return run.status === "running" && !(kind === "executor" && isUnapproved(run));
}

/**
 * Whether nothing holds a task up but room and money. A result that its briefing relies on may be missing although its parent completed:
 * the step that would have stored it was overtaken, and whoever overtook it stored the same answer under another id.
 */
function isReady(board: Board, run: BoardRun, task: BoardTask, start: Start): boolean {
  // It was given to another agent meanwhile: whoever did that begins it.
  if (task.agent_id !== null && task.agent_id !== start.agent_id) return false;
  if (task.status !== "pending" || task.pending_dependencies > 0 || task.is_paused || !belongsToPhase(task.kind, run.phase)) return false;
  // Drafted before somebody else began an attempt: whoever is asked now, and for what, may be another.
  if (start.number !== task.attempts + 1 || start.revision !== task.revision) return false;
  if (task.not_before !== null && Date.parse(task.not_before) > Date.parse(board.now)) return false;
  return !start.relies_on.some(({ task_id, payload_id }) => board.tasks.get(task_id)?.result_payload_id !== payload_id);
}

function deadlineOf({ policy }: BoardTask, now: string): string | null {
  if (policy.timeout_seconds === undefined) return null;
  return new Date(Date.parse(now) + policy.timeout_seconds * 1_000).toISOString();
}

/** Effects whose holds are already taken. What waits for a person is parked with its hold. */
export function insertEffects(
  board: Board,
  { run, task, attempt_id }: { run: BoardRun; task: BoardTask; attempt_id: string },
  effects: readonly NewEffect[],
): void {
  for (const effect of effects) {
    const { request, lease, ...row } = effect;
    board.inserts.payloads.push({ ...request, workspace_id: run.workspace_id, run_id: run.id });
    board.inserts.effects.push({
      ...row,
      task_id: task.id,
      attempt_id,
      ...(lease === undefined ? UNCLAIMED : claimNow(board, lease)),
      ...(needsApproval(board, run, task, effect) ? PARKED : {}),
      workspace_id: run.workspace_id,
      run_id: run.id,
      request_payload_id: request.id,
      request_sha256: request.sha256,
    });
  }
}

const UNCLAIMED = { state: "due", lease_token: null, lease_until: null, claimed_at: null } as const;
const PARKED = { ...UNCLAIMED, state: "parked" } as const;

function claimNow({ now }: Board, lease: NonNullable<NewEffect["lease"]>) {
  const lease_until = new Date(Date.parse(now) + lease.seconds * 1_000).toISOString();
  return { state: "running", lease_token: lease.token, lease_until, claimed_at: now } as const;
}

const PHASE_OF_KIND = {
  planner: "plan",
  executor: "execute",
  critic: "review",
  summarizer: "summarize",
  call: "call",
  goal: "end",
} as const;

function belongsToPhase(kind: keyof typeof PHASE_OF_KIND, phase: BoardRun["phase"]): boolean {
  return PHASE_OF_KIND[kind] === phase;
}

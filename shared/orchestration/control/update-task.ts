import { findPolicyFaults } from "../../agents/domain/find-policy-faults.ts";
import { joinPointer } from "../../platform/api/pointer.ts";
import type { Actor, Queryable } from "../../platform/db/database.ts";
import { AppError, type FieldError, invalidRequest, notFound } from "../../platform/errors.ts";
import { workingToolNames } from "../../tools/safety.ts";
import { changeRun } from "../commit/change-run.ts";
import type { TaskChange } from "../contracts/tasks.ts";
import type { RunDeps } from "../deps.ts";
import { type Board, type BoardTask, nameTask, record } from "../domain/board.ts";
import { chooseAgent } from "../domain/choose-agent.ts";
import { askForPlan } from "../domain/plan-contract/ask-for-plan.ts";
import { isUnapproved } from "../domain/plan-contract/plan-contract.ts";
import { refuseUpdate } from "../domain/update-task.ts";
import { drawUpTerms } from "../plan-contract/draw-up-terms.ts";
import { readPool } from "../sql/read-pool.ts";
import { findTask, type TaskViewRow } from "../sql/read-tasks.ts";
import { updateTask as writeTask } from "../sql/update-task.ts";

type Person = Actor & { role: "app" };

/**
 * Changes a task of a plan that has not begun: lock, then change. An attempt that was drafted from what the task was before is refused, and
 * drafted again from what it is now.
 * @throws AppError `not-found`; `invalid-request` with the place of each fault; `task-started`, `run-ended`, `conflict`: then nothing was changed
 */
export async function updateTask(deps: RunDeps, actor: Person, taskId: string, change: TaskChange): Promise<TaskViewRow> {
  const found = await deps.db.transact(actor, (db) => findTask(db, taskId));
  if (found === undefined) throw notFound("The task");
  refuseFaults(change);
  const changed = await changeRun(deps, actor, found.run_id, { taskId }, async (board, run, db) => {
    const task = board.tasks.get(taskId);
    if (task === undefined) throw notFound("The task");
    const refusal = refuseUpdate(run, task);
    if (refusal !== undefined) throw new AppError(refusal.code, refusal.detail);
    await applyChange(board, db, task, change, actor);
    if (isUnapproved(run) && run.phase === "execute") askForPlan(board, run, await drawUpTerms(db, run, new Date(board.now)));
    return findTask(db, taskId);
  });
  if (changed === undefined) throw notFound("The task");
  // Its agent may be another, with room; and a start that was refused because of this change comes again. Lost, the watchdog sees to both.
  await deps.outbox.sendHint(found.run_id).catch((error: unknown) => {
    deps.log("nobody was told of a task that was changed; the watchdog will see it", { run_id: found.run_id, error: String(error) });
  });
  return changed;
}

async function applyChange(board: Board, db: Queryable, task: BoardTask, change: TaskChange, actor: Person): Promise<void> {
  const fields = Object.keys(change).toSorted();
  if (fields.length === 0) return;
  const agent_id = await findAgentFor(board, db, task, change, actor);
  await writeTask(db, task.id, { ...change, agent_id }, new Date(board.now));
  record(board, task.run_id, { type: "task-updated", ...nameTask({ ...task, name: change.name ?? task.name }), fields, by: actor.userId });
}

/** Everything that is wrong with a change by itself. */
function refuseFaults({ policy = {}, required_capabilities: tools = [] }: TaskChange): void {
  const faults: FieldError[] = [
    ...findPolicyFaults(policy).map(({ path, message }) => ({ pointer: joinPointer(["policy", ...path]), detail: message })),
    ...[...tools.entries()]
      .filter(([, tool]) => !workingToolNames.includes(tool))
      .map(([index, tool]) => ({
        pointer: joinPointer(["required_capabilities", index]),
        detail: `"${tool}" is no tool; the tools are: ${workingToolNames.join(", ")}`,
      })),
  ];
  if (faults.length > 0) throw invalidRequest("The task could not be carried out like this", faults);
}

/** The agent that a person chose, or the task's own, or another where that one has not what the task requires now. */
async function findAgentFor(
  { now }: Board,
  db: Queryable,
  { id, agent_id: own }: BoardTask,
  { agent_id: wanted, required_capabilities }: TaskChange,
  { workspaceId }: Person,
): Promise<string | undefined> {
  if (wanted === undefined && required_capabilities === undefined) return undefined;
  const pool = (await readPool(db, [workspaceId])).get(workspaceId) ?? [];
  const capabilities = required_capabilities ?? (await findTask(db, id))?.required_capabilities ?? [];
  const canDo = (agentId: string | null) =>
    chooseAgent(
      pool.filter((agent) => agent.id === agentId),
      "executor",
      capabilities,
      { now },
    ) !== undefined;
  if (wanted !== undefined) {
    if (!pool.some((agent) => agent.id === wanted)) throw notFound("The agent");
    if (canDo(wanted)) return wanted;
    const detail = `it is retired, is no executor, or has not what the task requires: ${capabilities.join(", ")}`;
    throw invalidRequest("The agent cannot do this task", [{ pointer: "#/agent_id", detail }]);
  }
  if (canDo(own)) return undefined;
  const other = chooseAgent(pool, "executor", capabilities, { now });
  if (other !== undefined) return other.id;
  throw invalidRequest("No agent can do this task", [{ pointer: "#/required_capabilities", detail: "no executor has all of these" }]);
}

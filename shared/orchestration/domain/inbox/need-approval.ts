import type { JsonValue } from "../../../platform/json.ts";
import type { NewEffect } from "../batch.ts";
import type { Board, BoardRun, BoardTask } from "../board.ts";
import { findOutside } from "../plan-contract/find-outside.ts";
import { openItem } from "./open-item.ts";

const DEFAULT_EXPIRY_SECONDS = 24 * 3_600;

/**
 * Whether an effect that is being created waits for a person: its task does, its tool does, or the contract of its run does not name it. It is then put before one, bound to the hash
 * of exactly this request.
 */
export function needsApproval(board: Board, run: BoardRun, task: BoardTask, effect: NewEffect): boolean {
  const rule = board.approvals.get(run.workspace_id);
  const tool = effect.kind === "tool" ? toolOf(effect.request.body) : undefined;
  const isTask = asksFirst(task) && effect.seq === 0;
  const outside = tool === undefined ? undefined : findOutside(run.contract, effect.request.body);
  if (!isTask && outside === undefined && (tool === undefined || rule?.tools.includes(tool) !== true)) return false;
  const seconds = rule?.expires_seconds ?? DEFAULT_EXPIRY_SECONDS;
  openItem(board, run, {
    kind: "approval",
    task_id: task.id,
    effect_id: effect.id,
    request_sha256: effect.request.sha256,
    subject: {
      because: outside !== undefined ? "amendment" : isTask ? "task" : "tool",
      effect: effect.kind,
      ...(tool === undefined ? {} : { tool }),
      ...(outside === undefined ? {} : { outside }),
    },
    expires_at: new Date(Date.parse(board.now) + seconds * 1_000).toISOString(),
  });
  return true;
}

/** Whether a task, or the policy that it was planned with, wants a person before it begins. */
export function asksFirst(task: Pick<BoardTask, "requires_approval" | "policy">): boolean {
  return task.requires_approval || task.policy.requires_approval === true;
}

function toolOf(request: JsonValue): string | undefined {
  const tool = typeof request === "object" && request !== null && !Array.isArray(request) ? request["tool"] : undefined;
  return typeof tool === "string" ? tool : undefined;
}

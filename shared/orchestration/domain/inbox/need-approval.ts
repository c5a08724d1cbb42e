import type { JsonObject, JsonValue } from "../../../platform/json.ts";
import type { NewEffect } from "../batch.ts";
import type { Board, BoardRun, BoardTask } from "../board.ts";
import { findOutside } from "../plan-contract/find-outside.ts";
import type { ApprovalRule } from "./item-row.ts";
import { openItem } from "./open-item.ts";

const DEFAULT_EXPIRY_SECONDS = 24 * 3_600;

/**
 * Whether an effect that is being created waits for a person: its task does, its tool does, or the contract of its run does not name it. It is then put before one, bound to the hash
 * of exactly this request.
 */
export function needsApproval(board: Board, run: BoardRun, task: BoardTask, effect: NewEffect): boolean {
  const rule = board.approvals.get(run.workspace_id);
  const reason = findReason(run, task, effect, rule);
  if (reason === undefined) return false;
  const seconds = rule?.expires_seconds ?? DEFAULT_EXPIRY_SECONDS;
  openItem(board, run, {
    kind: "approval",
    task_id: task.id,
    effect_id: effect.id,
    request_sha256: effect.request.sha256,
    subject: { ...reason, effect: effect.kind },
    expires_at: new Date(Date.parse(board.now) + seconds * 1_000).toISOString(),
  });
  return true;
}

function findReason(run: BoardRun, task: BoardTask, effect: NewEffect, rule: ApprovalRule | undefined): JsonObject | undefined {
  const tool = effect.kind === "tool" ? toolOf(effect.request.body) : undefined;
  const named = tool === undefined ? {} : { tool };
  const outside = tool === undefined ? undefined : findOutside(run.contract, effect.request.body);
  if (outside !== undefined) return { because: "amendment", ...named, outside };
  if (asksFirst(task) && effect.seq === 0) return { because: "task", ...named };
  return tool !== undefined && rule?.tools.includes(tool) === true ? { because: "tool", ...named } : undefined;
}

/** Whether a task, or the policy that it was planned with, wants a person before it begins. */
export function asksFirst(task: Pick<BoardTask, "requires_approval" | "policy">): boolean {
  return task.requires_approval || task.policy.requires_approval === true;
}

function toolOf(request: JsonValue): string | undefined {
  const tool = typeof request === "object" && request !== null && !Array.isArray(request) ? request["tool"] : undefined;
  return typeof tool === "string" ? tool : undefined;
}

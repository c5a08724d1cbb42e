import type { EffectError } from "../../effects/contracts/effect.ts";
import type { JsonObject } from "../../platform/json.ts";
import type { Board, BoardAttempt, BoardEffect } from "./board.ts";

type Attempt = Pick<BoardAttempt, "run_id" | "task_id" | "agent_id" | "number" | "status" | "started_at" | "finished_at">;
type Level = Board["inserts"]["logs"][number]["level"];

/** Writes how an attempt ended to the log of its task: once for each attempt, whoever ended it. */
export function logAttemptEnd(board: Board, attempt: Attempt, error: EffectError | null = null): void {
  const { status, agent_id, started_at = null, finished_at } = attempt;
  const level: Level = status === "completed" ? "info" : status === "cancelled" ? "warning" : "error";
  logTask(board, attempt, level, `attempt ${status}${error === null ? "" : `: ${error.code}`}`, {
    agent_id,
    ...(started_at === null || finished_at === null ? {} : { duration_ms: Math.max(0, Date.parse(finished_at) - Date.parse(started_at)) }),
    ...(error === null ? {} : { detail: error.detail }),
  });
}

/** By this code an agent's lost hands are counted. */
export const LEASE_LOST = "lease-lost";

/** What of an effect is out of the ordinary: its hand was lost, or its answer came too late. */
const MESSAGES = {
  [LEASE_LOST]: "the hand that had an effect was lost",
  late: "an answer came late: it is kept and counts for nothing",
} as const;

export function logEffect(board: Board, attempt: Attempt, effect: BoardEffect, code: keyof typeof MESSAGES): void {
  logTask(board, attempt, "warning", MESSAGES[code], { code, effect_id: effect.id, seq: effect.seq, kind: effect.kind, try: effect.try });
}

function logTask(board: Board, { run_id, task_id, number }: Attempt, level: Level, message: string, metadata: JsonObject): void {
  const run = board.runs.get(run_id);
  if (run === undefined) return;
  const { workspace_id } = run;
  board.inserts.logs.push({ id: board.newId(), workspace_id, task_id, level, message, metadata: { attempt: number, ...metadata } });
}

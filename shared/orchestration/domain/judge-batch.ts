import type { Batch, LockedRows, StartVerdict, StepVerdict } from "./batch.ts";
import { type Board, type Division, type FailTask, openBoard } from "./board.ts";
import { judgeStart } from "./judge-starts.ts";
import { judgeStep } from "./judge-steps.ts";

export type Judgement = {
  board: Board;
  /** One verdict per step and per start, in their order. */
  steps: StepVerdict[];
  starts: StartVerdict[];
};

/**
 * Judges a batch against the rows that were locked for it. Pure: what it changes is on the board. Steps come first, because what they
 * complete makes starts possible and what they end frees the agents that starts need. A batch in which an attempt fails needs `failTask`,
 * one in which subtasks are proposed `division`.
 */
export function judgeBatch(locked: LockedRows, batch: Batch, failTask?: FailTask, division?: Division): Judgement {
  const board = openBoard(locked, batch, failTask, division);
  const judged = new Set<string>();
  const steps = batch.steps.map((step): StepVerdict => {
    // A second step of the same attempt was decided from the journal before the first.
    if (judged.has(step.attempt_id)) return "moved-on";
    judged.add(step.attempt_id);
    return judgeStep(board, step);
  });
  const starts = batch.starts.map((start) => judgeStart(board, start));
  return { board, steps, starts };
}

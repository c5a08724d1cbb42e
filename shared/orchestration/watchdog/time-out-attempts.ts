import { type BatchAnswer, commitBatch, stepOf } from "../commit/commit-batch.ts";
import { draftFailure } from "../decide/decide-step.ts";
import { readContext } from "../decide/read-context.ts";
import type { ConductorDeps } from "../deps.ts";
import type { AttemptJournal } from "../sql/read-journals.ts";
import { readOverdueJournals } from "../sql/read-overdue-journals.ts";
import { startFreed } from "../start/start-tasks.ts";

/** An attempt that others keep moving on is left to the next look. */
const MAX_ROUNDS = 8;

/**
 * Fails the attempts of a run whose time is up. What is unclaimed of them is cancelled; what is under way is late when it comes, is paid for
 * and changes nothing. An answer that was committed before is not lost: the failure is then decided again from what is there now.
 */
export async function timeOutAttempts(deps: ConductorDeps, runId: string): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const answer = await failOverdue(deps, runId);
    await startFreed(deps, answer);
    if (!answer.steps.includes("moved-on")) return;
  }
}

function failOverdue(deps: ConductorDeps, runId: string): Promise<BatchAnswer> {
  return commitBatch(deps, {
    async steps(db) {
      const journals = await readOverdueJournals(db, runId, deps.now());
      const { findOther } = await readContext(deps, db, journals);
      return journals.map((journal) =>
        stepOf(journal, {
          attempt_id: journal.attempt_id,
          version: journal.version,
          epoch: journal.epoch,
          reports: [],
          abandons: journal.effects.filter((effect) => OPEN.has(effect.state)).map((effect) => effect.id),
          move: draftFailure(journal, timeoutOf(journal), findOther),
        }),
      );
    },
  });
}

const OPEN: ReadonlySet<string> = new Set(["due", "running", "unknown", "parked"]);

function timeoutOf({ number, policy }: AttemptJournal): Parameters<typeof draftFailure>[1] {
  const detail = `Attempt ${number} did not end within ${policy.timeout_seconds} seconds`;
  return { kind: "failed", error: { code: "timeout", detail, retryable: true } };
}

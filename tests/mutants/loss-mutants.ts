import type { Mutant } from "./mutant.ts";

/** What is lost without a word, and who would notice. */
export const lossMutants: readonly Mutant[] = [
  {
    name: "lost execution: nobody looks for an execution whose phase is waited for no more",
    invariant: "3: nothing is lost, whatever dies",
    file: "shared/orchestration/watchdog/watch-run.ts",
    find: "if (isPending || isForgotten)",
    replace: "if (isPending)",
    tests: ["tests/orchestration/state-machine.test.ts"],
  },
  {
    name: "sleeper: a watchdog that slept leaves a run alone that lost its newer one",
    invariant: "3: nothing is lost, whichever message is",
    file: "shared/orchestration/watchdog/watch-run.ts",
    find: "if (takesOver) await lookOnce(deps, { run_id: message.run_id, seq: watch.seq }, watch);",
    replace: "",
    tests: ["tests/orchestration/state-machine.test.ts"],
  },
  {
    name: "sleeper: a watchdog sleeps on when a late report says what a person was asked",
    invariant: "3: nothing is lost, whatever dies",
    file: "shared/orchestration/conductor/process-reports.ts",
    find: "await wake(deps, answer.awoken);",
    replace: "",
    tests: ["tests/services/watchdog.test.ts"],
    needsServices: true,
  },
  {
    name: "ended run: its watchdog was lost, and a dead hand keeps what it holds",
    invariant: "3: nothing is lost, whichever message is",
    file: "shared/orchestration/commit/deliver.ts",
    find: "...ended.map((call) => deps.outbox.sendWatchdog(call, deps.watchdogSeconds)),",
    replace: "",
    tests: ["tests/services/watchdog.test.ts"],
    needsServices: true,
  },
  {
    name: "attempt log: how an attempt ended that was cancelled is written nowhere",
    invariant: "the log of a task tells of each of its attempts",
    file: "shared/orchestration/domain/end-run.ts",
    find: "logAttemptEnd(board, attempt);",
    replace: "",
    tests: ["tests/orchestration/journal.test.ts"],
  },
];

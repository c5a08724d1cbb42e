import type { Mutant } from "./mutant.ts";

const domain = (name: string) => `shared/orchestration/domain/${name}.test.ts`;

const divisions: readonly Mutant[] = [
  {
    name: "division: a task is begun again while its subtasks still run",
    invariant: "1: a task never starts before its dependencies completed",
    file: "shared/orchestration/domain/subtasks/divide-task.ts",
    find: "task.pending_dependencies = tasks.length;",
    replace: "",
    tests: ["tests/orchestration/subtasks.test.ts"],
  },
  {
    name: "division guard: subtasks take the places of tasks that came meanwhile",
    invariant: "what a division was judged by is judged again under the locks",
    file: "shared/orchestration/domain/subtasks/divide-task.ts",
    find: "run.plan_version !== move.plan_version || ",
    replace: "",
    tests: ["tests/orchestration/subtasks.test.ts"],
  },
  {
    name: "division price: subtasks are accepted that no budget covers any more",
    invariant: "5: what a division may cost fits in what is left",
    file: "shared/orchestration/domain/subtasks/divide-task.ts",
    find: "spent_nano + held_nano + move.cost_nano > limit",
    replace: "spent_nano + held_nano > limit",
    tests: ["tests/orchestration/subtasks.test.ts"],
  },
];

const replays: readonly Mutant[] = [
  {
    name: "replay: a request that is not the one that was decided passes",
    invariant: "7: a replay differs from its run only where something was changed",
    file: "shared/orchestration/domain/replay-attempt.ts",
    find: 'compareHashes(effect, "request", effect.request_sha256, tools.hash(asJson(intent.request)));',
    replace: "",
    tests: [domain("replay-attempt")],
  },
  {
    name: "replay of answers: an answer that was changed passes",
    invariant: "7: a replay differs from its run only where something was changed",
    file: "shared/orchestration/domain/replay-attempt.ts",
    find: 'compareHashes(effect, "result", effect.result_sha256, tools.hash(effect.result.body));',
    replace: "",
    tests: [domain("replay-attempt")],
  },
];

const taskControl: readonly Mutant[] = [
  {
    name: "task pause: a paused task begins",
    invariant: "a task that a person paused takes no step",
    file: "shared/orchestration/domain/judge-starts.ts",
    find: "task.is_paused || ",
    replace: "",
    tests: [domain("control-task")],
  },
  {
    name: "task pause of a step: a paused task takes its next step",
    invariant: "a task that a person paused takes no step",
    file: "shared/orchestration/domain/judge-steps.ts",
    find: " || place.task.is_paused",
    replace: "",
    tests: [domain("control-task")],
  },
  {
    name: "task cancel: what a cancelled task had under way is carried out again",
    invariant: "6: after a cancel nothing is claimed",
    file: "shared/orchestration/domain/heal-run.ts",
    find: " && isAttemptRunning(board, effect)",
    replace: "",
    tests: [domain("control-task")],
  },
];

const taskUpdate: readonly Mutant[] = [
  {
    name: "task update: a task begins as it was before it was changed",
    invariant: "a task is changed before it begins, or begins as it was: never both",
    file: "shared/orchestration/domain/judge-starts.ts",
    find: " || start.revision !== task.revision",
    replace: "",
    tests: [domain("judge-starts")],
  },
];

const planContract: readonly Mutant[] = [
  {
    name: "plan approval: a plan begins before it was approved",
    invariant: "nothing of a plan that a person wants to see first begins before it is approved",
    file: "shared/orchestration/domain/judge-starts.ts",
    find: ' && !(kind === "executor" && isUnapproved(run))',
    replace: "",
    tests: [domain("judge-starts")],
  },
  {
    name: "plan left out: a run waits for the approval of a plan of which nothing is left",
    invariant: "3: every run reaches an end",
    file: "shared/orchestration/domain/control-task.ts",
    find: "  dropPlan(board, run);\n",
    replace: "",
    tests: [domain("control-task")],
  },
  {
    name: "plan amendment: a call that the contract does not name is sent",
    invariant: "what an approved plan does not name stops for an amendment",
    file: "shared/orchestration/domain/plan-contract/find-outside.ts",
    find: "!contract.files.includes(file)",
    replace: "false",
    tests: ["shared/orchestration/domain/plan-contract/find-outside.test.ts"],
  },
];

const takeOver: readonly Mutant[] = [
  {
    name: "take-over: a process has effects before it has their runs, and waits for whoever has them the other way round",
    invariant: "3: a run is lost, whatever dies",
    file: "shared/orchestration/sql/executions.ts",
    find: "AND e.state = 'running') ORDER BY id FOR NO KEY UPDATE",
    replace: "AND e.state = 'running')",
    tests: ["tests/services/interleavings.test.ts"],
    needsServices: true,
  },
];

/** Guards of what a person does to a run: replay, and control of one task; and of a process that takes runs over meanwhile. */
export const controlMutants: readonly Mutant[] = [...divisions, ...replays, ...taskControl, ...taskUpdate, ...planContract, ...takeOver];

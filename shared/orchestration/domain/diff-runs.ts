import { formatUsd } from "../../platform/money.ts";
import type { Change, RunDiff } from "../contracts/diff.ts";

/** An effect by what it asked and what came of it, without what differs from run to run whatever is asked: ids of tasks, results and calls. */
export type ComparedEffect = { seq: number; request: string; result: string | null };

export type ComparedTask = {
  id: string;
  kind: RunDiff["tasks"][number]["kind"];
  ordinal: number;
  name: string;
  description: string;
  status: RunDiff["tasks"][number]["left_status"];
  forked_from: string | null;
  /** Ordinals. */
  depends_on: readonly number[];
  result: string | null;
  cost_nano: bigint;
  duration_ms: number | null;
  /** Of its newest attempt; null when it had none, because it was reused or never began. */
  brief: { model: string; prompt: string; variables: string; inputs: string } | null;
  effects: readonly ComparedEffect[];
};

export type ComparedRun = {
  id: string;
  status: RunDiff["left"]["status"];
  spent_nano: bigint;
  duration_ms: number | null;
  verdict: RunDiff["left"]["verdict"];
  tasks: readonly ComparedTask[];
};

type Pair = { left: ComparedTask; right: ComparedTask };

/** What differs between two runs, task by task. Costs and durations are those of the right run less those of the left. */
export function diffRuns(left: ComparedRun, right: ComparedRun): RunDiff {
  const pairs = alignTasks(left, right);
  const rights = new Set(pairs.map((pair) => pair.right.id));
  const lefts = new Set(pairs.map((pair) => pair.left.id));
  const tasks = pairs.map(diffTasks);
  return {
    left: describeSide(left),
    right: describeSide(right),
    cost_delta_usd: formatDelta(right.spent_nano - left.spent_nano),
    duration_delta_ms: subtract(right.duration_ms, left.duration_ms),
    verdict_changed: left.verdict?.approved !== right.verdict?.approved || left.verdict?.score !== right.verdict?.score,
    first_divergence: findFirst(pairs),
    tasks,
    only_left: left.tasks.filter((task) => !lefts.has(task.id)).map(nameTask),
    only_right: right.tasks.filter((task) => !rights.has(task.id)).map(nameTask),
  };
}

/** Each task of the left with one of the right: its fork or its origin, else one of the same kind and name, at its place in the plan if there is. */
function alignTasks(left: ComparedRun, right: ComparedRun): Pair[] {
  const free = new Set(right.tasks);
  const found = new Map<string, ComparedTask>();
  const rules: ((one: ComparedTask, other: ComparedTask) => boolean)[] = [
    (one, other) =>
      other.forked_from === one.id || one.forked_from === other.id || (one.forked_from !== null && one.forked_from === other.forked_from),
    (one, other) => one.kind === other.kind && one.name === other.name && one.ordinal === other.ordinal,
    (one, other) => one.kind === other.kind && one.name === other.name,
  ];
  for (const isSame of rules) {
    for (const task of left.tasks) {
      if (found.has(task.id)) continue;
      const match = [...free].find((other) => isSame(task, other));
      if (match === undefined) continue;
      found.set(task.id, match);
      free.delete(match);
    }
  }
  return left.tasks
    .flatMap((task) => {
      const match = found.get(task.id);
      return match === undefined ? [] : [{ left: task, right: match }];
    })
    .toSorted((one, other) => rankOf(one.left) - rankOf(other.left) || one.left.ordinal - other.left.ordinal);
}

const RANK = { planner: 0, call: 1, executor: 1, critic: 2, summarizer: 3 } as const;
const rankOf = (task: ComparedTask) => RANK[task.kind];

function diffTasks({ left, right }: Pair): RunDiff["tasks"][number] {
  return {
    kind: left.kind,
    ordinal: left.ordinal,
    name: left.name,
    left_task_id: left.id,
    right_task_id: right.id,
    left_status: left.status,
    right_status: right.status,
    changes: listChanges(left, right),
    cost_delta_usd: formatDelta(right.cost_nano - left.cost_nano),
    duration_delta_ms: subtract(right.duration_ms, left.duration_ms),
  };
}

function listChanges(left: ComparedTask, right: ComparedTask): Change[] {
  const [one, other] = [left.brief, right.brief];
  const isChanged: Record<Change, boolean> = {
    description: left.description !== right.description,
    depends_on: left.depends_on.join() !== right.depends_on.join(),
    // A task that was reused was not asked anew: nothing of how it would have been is known.
    model: one !== null && other !== null && one.model !== other.model,
    prompt: one !== null && other !== null && one.prompt !== other.prompt,
    variables: one !== null && other !== null && one.variables !== other.variables,
    inputs: one !== null && other !== null && one.inputs !== other.inputs,
    status: left.status !== right.status,
    result: left.result !== right.result,
  };
  return CHANGES.filter((change) => isChanged[change]);
}

const CHANGES = ["description", "depends_on", "model", "prompt", "variables", "inputs", "status", "result"] as const;

function findFirst(pairs: readonly Pair[]): RunDiff["first_divergence"] {
  for (const { left, right } of pairs) {
    const changes = listChanges(left, right);
    const effect = left.brief === null || right.brief === null ? null : findEffect(left.effects, right.effects);
    if (changes.length === 0 && effect === null) continue;
    const { kind, ordinal, name } = left;
    return { kind, ordinal, name, changes, seq: effect?.seq ?? null, differs: effect?.differs ?? null };
  }
  return null;
}

function findEffect(
  left: readonly ComparedEffect[],
  right: readonly ComparedEffect[],
): { seq: number; differs: "request" | "result" | "missing" } | null {
  for (let seq = 0; seq < Math.max(left.length, right.length); seq += 1) {
    const [one, other] = [left[seq], right[seq]];
    if (one === undefined || other === undefined) return { seq, differs: "missing" };
    if (one.request !== other.request) return { seq, differs: "request" };
    if (one.result !== other.result) return { seq, differs: "result" };
  }
  return null;
}

function describeSide({ id, status, spent_nano, duration_ms, verdict }: ComparedRun): RunDiff["left"] {
  return { run_id: id, status, cost_usd: formatUsd(spent_nano), duration_ms, verdict };
}

function nameTask({ id, kind, ordinal, name }: ComparedTask): RunDiff["only_left"][number] {
  return { task_id: id, kind, ordinal, name };
}

function formatDelta(nano: bigint): string {
  return nano < 0n ? `-${formatUsd(-nano)}` : formatUsd(nano);
}

function subtract(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one - other;
}

/** A task of the plan that is forked, with what it cost. Money in nano-dollars. */
export type ForkedTask = {
  id: string;
  ordinal: number;
  name: string;
  status: "pending" | "in_progress" | "completed" | "failed" | "cancelled";
  /** Its result is there to be used again: not erased. */
  has_result: boolean;
  depends_on: readonly string[];
  /** Of a subtask: the task of this plan that waits for it. */
  subtask_of: string | null;
  /** What the attempts that proposed its subtasks and completed it were billed; 0 when none did. */
  paid_nano: bigint;
  /** What the calls of all its attempts were held for. */
  held_nano: bigint;
  /** Effects that changed the world, or may have. */
  once: readonly { effect_id: string; seq: number; tool: string | null }[];
  /** Files of the workspace that it wrote. */
  writes: readonly string[];
};

/** Review and summary, which every fork needs anew. */
export type ForkedRest = { paid_nano: bigint; held_nano: bigint };

export type ForkEdit = {
  task_id: string;
  /** The task is not carried out: its result is the one that the person gave. */
  gives_result: boolean;
};

export type ForkPlan = {
  /** Completed with the very results that they had. */
  reused: ForkedTask[];
  /** Completed with the result that the person gave. */
  given: ForkedTask | null;
  rerun: ForkedTask[];
  /** Subtasks whose task is given its result, or begins anew and may be divided otherwise: the fork has none of them. */
  left_out: ForkedTask[];
  /** What tasks that are carried out again did once already, and may do again. */
  repeated: { task: ForkedTask; effect_id: string; seq: number; tool: string | null }[];
  /** The range of what the fork costs: what these tasks cost last time, and what their calls were held for. */
  low_nano: bigint;
  high_nano: bigint;
  /** Tasks that never completed: the range counts nothing for them at best, and the dearest task of the run at worst. */
  unproven: ForkedTask[];
  /** Files that only tasks which are carried out again have written: the fork begins without them. */
  dropped_files: string[];
};

/**
 * What a fork reuses and what it carries out again: the edited task and everything downstream of it, and whatever has no result to be used,
 * with all that depends on that. Preview and fork both take their sets from here. `tasks` is the whole plan, which has no cycle.
 */
export function planFork(tasks: readonly ForkedTask[], rest: ForkedRest, edit: ForkEdit): ForkPlan {
  const children = new Map<string, string[]>(tasks.map((task) => [task.id, []]));
  for (const task of tasks) for (const parent of task.depends_on) children.get(parent)?.push(task.id);
  const isGiven = (task: ForkedTask) => edit.gives_result && task.id === edit.task_id;
  const isReusable = (task: ForkedTask) => task.status === "completed" && task.has_result && task.id !== edit.task_id;

  const stale = new Set(tasks.filter((task) => !isGiven(task) && !isReusable(task)).map((task) => task.id));
  // A set visits what is added while it is walked.
  const walk = new Set([edit.task_id, ...stale]);
  for (const id of walk) for (const child of children.get(id) ?? []) walk.add(child);
  if (edit.gives_result) walk.delete(edit.task_id);

  const anew = listAnew(tasks, walk, edit);
  const left_out = leaveOut(tasks, new Set([...anew, ...tasks.filter(isGiven).map(({ id }) => id)]));
  const isLeftOut = new Set(left_out.map(({ id }) => id));
  const kept = tasks.filter((task) => !isLeftOut.has(task.id));
  const rerun = kept.filter((task) => walk.has(task.id));
  // What they did may be done again: as subtasks of a task that begins anew, or by whoever it is then.
  const again = [...rerun, ...leaveOut(tasks, anew)];
  const isAgain = new Set(again.map(({ id }) => id));
  const unproven = rerun.filter((task) => task.status !== "completed");
  const dearest = tasks.reduce((most, task) => (task.held_nano > most ? task.held_nano : most), 0n);
  const written = new Set(tasks.filter((task) => !isAgain.has(task.id)).flatMap((task) => task.writes));
  return {
    reused: kept.filter((task) => !walk.has(task.id) && !isGiven(task)),
    given: tasks.find(isGiven) ?? null,
    rerun,
    left_out,
    repeated: again.flatMap((task) => task.once.map((effect) => ({ task, ...effect }))),
    low_nano: again.reduce((sum, task) => sum + task.paid_nano, rest.paid_nano),
    high_nano: again.reduce((sum, task) => sum + worstOf(task, dearest), rest.held_nano > rest.paid_nano ? rest.held_nano : rest.paid_nano),
    unproven,
    dropped_files: [...new Set(again.flatMap((task) => task.writes))].filter((path) => !written.has(path)),
  };
}

/**
 * Tasks that are carried out again from their beginning: the edited one, and those that are given other results than when they were divided. One
 * that only has to wait for its subtasks again is finished from their results, and so is one in which a subtask was edited.
 */
function listAnew(tasks: readonly ForkedTask[], walk: ReadonlySet<string>, edit: ForkEdit): Set<string> {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const around = new Set<string>();
  for (let id = byId.get(edit.task_id)?.subtask_of; id !== null && id !== undefined; id = byId.get(id)?.subtask_of) around.add(id);
  const isAnew = ({ id, depends_on }: ForkedTask) =>
    id === edit.task_id
      ? !edit.gives_result
      : !around.has(id) && depends_on.some((parent) => walk.has(parent) && byId.get(parent)?.subtask_of !== id);
  return new Set(tasks.filter(isAnew).map(({ id }) => id));
}

/** The subtasks of these tasks, at any depth. */
function leaveOut(tasks: readonly ForkedTask[], of: ReadonlySet<string>): ForkedTask[] {
  const above = new Set(of);
  // Subtasks stand behind the task that proposed them.
  return tasks.filter(({ id, subtask_of }) => {
    const isBelow = subtask_of !== null && above.has(subtask_of);
    if (isBelow) above.add(id);
    return isBelow;
  });
}

/** A true bill may be above its hold; and who never completed may cost as much as anybody did. */
function worstOf(task: ForkedTask, dearest: bigint): bigint {
  const worst = task.status === "completed" ? task.held_nano : dearest;
  return worst > task.paid_nano ? worst : task.paid_nano;
}

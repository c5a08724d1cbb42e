import type { Plan } from "../../../agents/contract.ts";
import { nameFinishedTask } from "../../../agents/domain/finished-task.ts";
import { findCycle, findPlanFaults } from "../../../agents/domain/validate-plan.ts";
import type { EffectError } from "../../../effects/contracts/effect.ts";
import { cutDetail } from "../../../effects/cut-detail.ts";
import type { JsonObject } from "../../../platform/json.ts";
import { formatUsd } from "../../../platform/money.ts";
import { MAX_SUBTASKS, ProposeSubtasks } from "../../../tools/contract.ts";
import { nameFiles } from "../plan-contract/name-files.ts";
import type { PlanContract } from "../plan-contract/plan-contract.ts";

/** Where a proposal is made: its task, and what is left of what its run may be. */
export type Ground = {
  subtask_depth: number;
  /** How deep below the plan tasks may be divided. */
  max_depth: number;
  is_divided: boolean;
  /** Somebody said to finish with what there is. */
  is_finishing: boolean;
  /** Tasks of the run's plans so far. */
  tasks: number;
  contract: PlanContract | null;
  /** What the task was given the results of. */
  parents: readonly { id: string; ordinal: number }[];
  /** Those that have a limit, with what is left of it. */
  budgets: readonly { scope: string; left_nano: bigint }[];
};

/** What a proposal may say without being asked for more: the durations are guessed by whoever lays it out. */
export type ProposedPlan = { tasks: Omit<Plan["tasks"][number], "estimated_duration_seconds">[]; notes: string | null };

export type Judged = { ok: true; proposed: ProposedPlan } | { ok: false; error: EffectError };

/** Tasks that a run may have, whoever planned them. */
const MAX_TASKS = 10_000;

/**
 * Whether the subtasks that an executor asks for can be carried out and may be: by their form, by how deep they lie, and by what its run allows.
 * `isAlone`: nothing else was called with it. What they cost is judged when they are laid out.
 */
export function judgeProposal(given: JsonObject, ground: Ground, tools: readonly string[], isAlone: boolean): Judged {
  const forbidden = findRefusal(ground, isAlone);
  if (forbidden !== undefined) return forbidden;
  const read = readProposal(given);
  if (!read.ok) return read;
  const fault = findFault(read.proposed, ground, tools);
  if (fault !== undefined) return fault;
  const { tasks } = read.proposed;
  if (ground.tasks + tasks.length > MAX_TASKS) {
    return refuse("subtasks-run-full", `The run has ${ground.tasks} tasks; with ${tasks.length} more it would have over ${MAX_TASKS}`);
  }
  return findOutside(read.proposed, ground) ?? { ok: true, proposed: inherit(read.proposed, ground) };
}

/** Undefined when every budget has that much left. */
export function refusePrice(cost: bigint, { budgets }: Ground): Extract<Judged, { ok: false }> | undefined {
  const short = budgets.find(({ left_nano }) => left_nano < cost);
  if (cost === 0n || short === undefined) return undefined;
  const left = formatUsd(short.left_nano > 0n ? short.left_nano : 0n);
  return refuse(
    "subtasks-over-budget",
    `By what such tasks cost the subtasks may cost $${formatUsd(cost)}; the ${short.scope}'s budget has $${left} left`,
  );
}

export function refuse(code: string, detail: string): Extract<Judged, { ok: false }> {
  return { ok: false, error: { code, detail: cutDetail(detail), retryable: false } };
}

function findRefusal({ subtask_depth, max_depth, is_divided, is_finishing, budgets }: Ground, isAlone: boolean): Judged | undefined {
  if (max_depth === 0) return refuse("subtasks-off", "Tasks of this run are not divided");
  if (subtask_depth >= max_depth)
    return refuse("subtasks-too-deep", `The task lies ${subtask_depth} levels below the plan; at most ${max_depth} are allowed`);
  if (is_divided) return refuse("subtasks-divided-before", "The task was divided already; finish it from the results of its subtasks");
  if (is_finishing) return refuse("subtasks-finishing", "The run is to end with what there is");
  if (budgets.some(({ scope }) => scope === "task"))
    return refuse("subtasks-task-budget", "The task has a budget of its own, which subtasks would not be held to");
  return isAlone ? undefined : refuse("subtasks-not-alone", "Subtasks are proposed alone, with no other call beside");
}

function readProposal(given: JsonObject): Judged {
  const { subtasks } = given;
  if (Array.isArray(subtasks) && subtasks.length === 0) return refuse("subtasks-empty", "The proposal has no subtask");
  if (Array.isArray(subtasks) && subtasks.length > MAX_SUBTASKS)
    return refuse("subtasks-too-many", `The proposal has ${subtasks.length} subtasks; at most ${MAX_SUBTASKS} are allowed`);
  const parsed = ProposeSubtasks.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, 20).map(({ path, message }) => `${path.join(".") || "arguments"}: ${message}`);
    return refuse("subtasks-invalid", faults.join("; "));
  }
  const tasks = parsed.data.subtasks.map(({ dependencies = [], required_capabilities = [], complexity = "medium", ...task }) => ({
    ...task,
    dependencies,
    required_capabilities,
    complexity,
    fallback_strategy: "fail",
  }));
  return { ok: true, proposed: { tasks, notes: parsed.data.notes ?? null } };
}

/** As a plan would be judged; the code is of the first thing that is wrong. */
function findFault({ tasks }: ProposedPlan, { parents }: Ground, tools: readonly string[]): Judged | undefined {
  const plan = { tasks: tasks.map((task) => ({ ...task, estimated_duration_seconds: 0 })), risks: [] };
  const given = parents.map(({ ordinal }) => nameFinishedTask(ordinal));
  const limits = { tasks: MAX_SUBTASKS, depth: MAX_SUBTASKS, edges: MAX_SUBTASKS * (MAX_SUBTASKS + given.length) };
  const faults = findPlanFaults(plan, tools, limits, given).map(({ detail }) => detail);
  if (faults.length === 0) return undefined;
  const ids = new Set([...tasks.map(({ id }) => id), ...given]);
  const code =
    ids.size < tasks.length + given.length
      ? "subtasks-duplicate-id"
      : tasks.some(({ dependencies }) => dependencies.some((id) => !ids.has(id)))
        ? "subtasks-unknown-id"
        : findCycle({ tasks: tasks.map((task) => ({ ...task, dependencies: task.dependencies.filter((id) => !given.includes(id)) })) }) !==
            undefined
          ? "subtasks-cycle"
          : tasks.some(({ required_capabilities: wanted }) => wanted.some((tool) => !tools.includes(tool)))
            ? "subtasks-unknown-tool"
            : "subtasks-invalid";
  return refuse(code, faults.slice(0, 20).join("; "));
}

/** What a person approved of the plan binds what it is divided into. */
function findOutside({ tasks }: ProposedPlan, { contract }: Ground): Judged | undefined {
  if (contract === null) return undefined;
  const tools = tasks.flatMap((task) => task.required_capabilities.filter((tool) => !contract.tools.includes(tool)));
  const files = tasks.flatMap((task) => nameFiles(task.description).filter((file) => !contract.files.includes(file)));
  const outside = [...new Set([...tools.map((tool) => `the tool ${tool}`), ...files.map((file) => `the file ${file}`)])];
  if (outside.length === 0) return undefined;
  return refuse("subtasks-outside-contract", `The plan that was approved does not name ${outside.slice(0, 20).join(", ")}`);
}

/** A subtask is given all that its task was given: nobody else would tell it. */
function inherit({ tasks, notes }: ProposedPlan, { parents }: Ground): ProposedPlan {
  const given = parents.map(({ ordinal }) => nameFinishedTask(ordinal));
  return { tasks: tasks.map((task) => ({ ...task, dependencies: [...new Set([...task.dependencies, ...given])] })), notes };
}

import * as z from "zod";
import { TaskPolicy } from "../../agents/contracts/task-policy.ts";
import { EffectError } from "../../effects/contracts/effect.ts";
import { pageOf, pageQuery } from "../../platform/api/page.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { JsonValue } from "../../platform/json.ts";
import { WorkspacePath } from "../../tools/contracts/workspace-path.ts";
import { isRange, listFilters, notARange } from "./list-filters.ts";
import { GivenTask, GivenTasks } from "./plans.ts";
import { RunStatus } from "./run-status.ts";

const Timestamp = z.iso.datetime({ offset: true });

export const TaskStatus = z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]);

export const TaskKind = z.enum(["goal", "planner", "executor", "critic", "summarizer", "call"]);

export const Task = z
  .strictObject({
    id: z.uuid(),
    run_id: z.uuid(),
    parent_task_id: z.uuid().nullable(),
    kind: TaskKind,
    ordinal: z.int(),
    name: z.string(),
    description: z.string(),
    status: TaskStatus,
    complexity: z.enum(["low", "medium", "high"]),
    required_capabilities: z.array(z.string()),
    dependencies: z.array(z.uuid()),
    attempts: z.int(),
    is_paused: z.boolean().describe("by a person, while its run goes on"),
    requires_approval: z.boolean().describe("a person must have approved it in the inbox before it begins; so may its policy say"),
    policy: TaskPolicy,
    fallback_strategy: z.string().nullable(),
    agent_id: z.uuid().nullable(),
    estimated_duration_seconds: z.int().nullable(),
    actual_duration_seconds: z.int().nullable(),
    result: JsonValue,
    error: EffectError.nullable(),
    created_at: Timestamp,
    started_at: Timestamp.nullable(),
    completed_at: Timestamp.nullable(),
  })
  .meta({ id: "Task" });
export type Task = z.infer<typeof Task>;

/** Bytes of all files of a new goal together, before base64. */
export const MAX_GOAL_FILE_BYTES = 4 * 1024 * 1024;

export const NewGoal = z
  .strictObject({
    goal: z.string().trim().min(1).max(20_000),
    tasks: GivenTasks.optional().describe("the plan, where the caller has one: no planner is asked"),
    plan_only: z
      .boolean()
      .optional()
      .describe(
        "nothing of the plan begins before a person has approved it in the inbox, once; what it does not name stops for an amendment",
      ),
    max_replans: z
      .int()
      .min(0)
      .max(5)
      .optional()
      .describe("times that the run is planned again after a failed task or a rejecting critic; 1 unless told, 0 with the offline rules"),
    max_subtask_depth: z
      .int()
      .min(0)
      .max(5)
      .optional()
      .describe(
        "how deep below the plan an executor may divide a task that it finds too large: 0 not at all, 1 the tasks of the plan, 2 their subtasks too; 2 unless told, 0 with the offline rules",
      ),
    files: z
      .array(
        z.strictObject({
          path: WorkspacePath,
          content: z.string(),
          encoding: z.enum(["utf8", "base64"]).default("utf8"),
        }),
      )
      .max(50)
      .default([])
      .refine((files) => new Set(files.map((file) => file.path)).size === files.length, "a path stands twice"),
    budget_usd: z
      .string()
      .regex(/^\d{1,9}(\.\d{1,9})?$/, "a decimal number of dollars such as 0.25")
      .optional()
      .describe("the most that this run may cost"),
  })
  .meta({ id: "NewGoal" });
export type NewGoal = z.infer<typeof NewGoal>;

export const createTask = defineRoute({
  id: "create-task",
  method: "POST",
  path: "/v1/tasks",
  zone: "mind",
  auth: "user",
  scopes: ["runs:write"],
  summary: "Post a goal: a planner turns it into a DAG of tasks, unless one is given, and agents carry them out",
  body: NewGoal,
  limits: { bodyBytes: 6_000_000 },
  idempotent: true,
  status: 202,
  response: z.strictObject({ task_id: z.uuid(), run_id: z.uuid(), status: RunStatus }),
});

const TaskParams = z.strictObject({ task_id: z.uuid() });

export const getTask = defineRoute({
  id: "get-task",
  method: "GET",
  path: "/v1/tasks/{task_id}",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "A task",
  params: TaskParams,
  status: 200,
  response: Task,
});

export const listTasks = defineRoute({
  id: "list-tasks",
  method: "GET",
  path: "/v1/tasks",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "Tasks of the workspace, newest first; goals only unless a run, a parent or a kind is named",
  query: z
    .strictObject({
      run_id: z.uuid().optional(),
      parent_task_id: z.uuid().optional(),
      kind: TaskKind.optional(),
      status: TaskStatus.optional(),
      ...listFilters,
      ...pageQuery,
    })
    .refine(isRange, notARange),
  status: 200,
  response: pageOf(Task),
});

const planned = GivenTask.shape;

export const TaskChange = z
  .strictObject({
    name: planned.name,
    description: planned.description.describe("what the agent is told to do"),
    required_capabilities: planned.required_capabilities.unwrap().describe("names of tools; its agent is another where it lacks one"),
    complexity: planned.complexity.unwrap(),
    estimated_duration_seconds: planned.estimated_duration_seconds.unwrap(),
    fallback_strategy: planned.fallback_strategy.unwrap(),
    policy: TaskPolicy.describe("in the place of the whole policy that it has"),
    requires_approval: z.boolean().describe("a person must approve it in the inbox before it begins; false also when its policy says so"),
    agent_id: z.uuid().describe("an executor that has what the task requires"),
  })
  .partial()
  .meta({ id: "TaskChange" });
export type TaskChange = z.infer<typeof TaskChange>;

export const updateTask = defineRoute({
  id: "update-task",
  method: "PATCH",
  path: "/v1/tasks/{task_id}",
  zone: "mind",
  auth: "user",
  scopes: ["runs:write"],
  summary: "Change a task of a plan that has not begun",
  params: TaskParams,
  body: TaskChange,
  limits: { bodyBytes: 1_000_000 },
  status: 200,
  response: Task,
});

const control = {
  method: "POST",
  zone: "mind",
  auth: "user",
  scopes: ["runs:write"],
  params: TaskParams,
  status: 200,
  response: z.strictObject({ task_id: z.uuid(), run_id: z.uuid(), status: TaskStatus, is_paused: z.boolean() }),
} as const;

export const cancelTask = defineRoute({
  ...control,
  id: "cancel-task",
  path: "/v1/tasks/{task_id}/cancel",
  summary: "Cancel a goal with everything it began, or one task of a plan with all that depends on it: the run goes on with the rest",
});

export const pauseTask = defineRoute({
  ...control,
  id: "pause-task",
  path: "/v1/tasks/{task_id}/pause",
  summary: "Pause one task of a plan: answers under way are kept, it takes no next step, and its run goes on with the others",
});

export const resumeTask = defineRoute({
  ...control,
  id: "resume-task",
  path: "/v1/tasks/{task_id}/resume",
  summary: "Let a paused task go on",
});

export const taskRoutes = [createTask, getTask, listTasks, updateTask, cancelTask, pauseTask, resumeTask];

import * as z from "zod";
import { PlannedTask } from "../../agents/contract.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { PlanEstimates } from "./plan-estimates.ts";

/** Bytes that the tasks of a plan may have as JSON, whatever else its request carries. */
export const MAX_PLAN_BYTES = 4 * 1024 * 1024;

/** What a caller may lay out. Deeper than a planner's: a chain of 10,000 is a plan, not a mistake. */
export const GIVEN_PLAN_LIMITS = { tasks: 10_000, depth: 10_000, edges: 50_000 } as const;

/** A task of a plan that a caller gives: as a planner would write it, with less to say. */
export const GivenTask = PlannedTask.extend({
  required_capabilities: PlannedTask.shape.required_capabilities.default([]).describe("names of tools"),
  dependencies: PlannedTask.shape.dependencies.default([]).describe("ids of tasks of this plan that must complete first"),
  estimated_duration_seconds: PlannedTask.shape.estimated_duration_seconds
    .optional()
    .describe("unless told, learned from what completed in the workspace, or guessed by the complexity"),
  complexity: PlannedTask.shape.complexity.default("medium"),
  fallback_strategy: PlannedTask.shape.fallback_strategy.default("fail"),
}).meta({ id: "GivenTask" });
export type GivenTask = z.infer<typeof GivenTask>;

export const GivenTasks = z.array(GivenTask).min(1).max(GIVEN_PLAN_LIMITS.tasks);

const order = {
  levels: z.array(z.array(z.string())).describe("the order of execution: tasks of one level may run at once, after those before"),
  critical_path: z.array(z.string()).describe("the chain that takes longest by its estimates"),
  critical_path_seconds: z.int(),
  total_estimated_seconds: z.int().describe("of all tasks together"),
};

export const PlanPreview = z
  .strictObject({
    valid: z.boolean(),
    problems: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })),
    ...order,
    durations_from: z
      .strictObject({ caller: z.int(), history: z.int(), guess: z.int() })
      .describe(
        "how many of the durations behind this order the caller gave, the past of the workspace taught, or nobody knows better than to guess",
      ),
    estimates: PlanEstimates.nullable().describe("null for a plan that cannot be carried out"),
  })
  .meta({ id: "PlanPreview", description: "What a plan would be as a run. One that cannot be carried out has problems and no order." });
export type PlanPreview = z.infer<typeof PlanPreview>;

export const previewPlan = defineRoute({
  id: "preview-plan",
  method: "POST",
  path: "/v1/plans/preview",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "What a plan would be, without running it: its faults, the order of execution, the critical path and the estimates",
  body: z.strictObject({ tasks: GivenTasks }),
  limits: { bodyBytes: MAX_PLAN_BYTES },
  status: 200,
  response: PlanPreview,
});

export const TaskDependencies = z
  .strictObject({
    run_id: z.uuid(),
    tasks: z.array(
      z.strictObject({
        id: z.uuid(),
        ordinal: z.int(),
        name: z.string(),
        status: z.string(),
        complexity: z.enum(["low", "medium", "high"]),
        required_capabilities: z.array(z.string()),
        agent_id: z.uuid().nullable(),
        estimated_duration_seconds: z.int(),
      }),
    ),
    edges: z.array(z.strictObject({ task_id: z.uuid(), depends_on: z.uuid() })),
    ...order,
    estimates: PlanEstimates.describe("of the tasks that have not ended"),
  })
  .meta({ id: "TaskDependencies", description: "The tasks of the run's plan, in the order of their execution, by id" });

export type TaskDependencies = z.infer<typeof TaskDependencies>;

export const getDependencies = defineRoute({
  id: "get-dependencies",
  method: "GET",
  path: "/v1/tasks/{task_id}/dependencies",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "The plan of the run that a task belongs to: its edges, the order of execution, the critical path and the estimates",
  params: z.strictObject({ task_id: z.uuid() }),
  status: 200,
  response: TaskDependencies,
});

export const planRoutes = [previewPlan, getDependencies];

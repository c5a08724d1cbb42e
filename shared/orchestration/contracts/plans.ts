import * as z from "zod";
import { PlannedTask } from "../../agents/contract.ts";

/** Bytes that the tasks of a plan may have as JSON, whatever else its request carries. */
export const MAX_PLAN_BYTES = 4 * 1024 * 1024;

/** What a caller may lay out. Deeper than a planner's: a chain of 10,000 is a plan, not a mistake. */
export const GIVEN_PLAN_LIMITS = { tasks: 10_000, depth: 10_000, edges: 50_000 } as const;

/** A task of a plan that a caller gives: as a planner would write it, with less to say. */
export const GivenTask = PlannedTask.extend({
  required_capabilities: PlannedTask.shape.required_capabilities.default([]).describe("names of tools"),
  dependencies: PlannedTask.shape.dependencies.default([]).describe("ids of tasks of this plan that must complete first"),
  estimated_duration_seconds: PlannedTask.shape.estimated_duration_seconds.optional().describe("guessed by the complexity unless told"),
  complexity: PlannedTask.shape.complexity.default("medium"),
  fallback_strategy: PlannedTask.shape.fallback_strategy.default("fail"),
}).meta({ id: "GivenTask" });
export type GivenTask = z.infer<typeof GivenTask>;

export const GivenTasks = z.array(GivenTask).min(1).max(GIVEN_PLAN_LIMITS.tasks);

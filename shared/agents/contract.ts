import * as z from "zod";
import { JsonValue } from "../platform/json.ts";
import { TaskPolicy } from "./contracts/task-policy.ts";

/** The four answers that agents give, each the JSON that the prompt of its role asks for (prompts/<role>/v1.md). */

export const PlannedTask = z.strictObject({
  id: z.string().min(1).max(100),
  name: z.string().min(1).max(200),
  description: z.string().min(1).max(20_000),
  required_capabilities: z.array(z.string().max(100)).max(20),
  /** Ids of tasks of this plan that must complete first. */
  dependencies: z.array(z.string().max(100)),
  estimated_duration_seconds: z.int().min(0).max(86_400),
  complexity: z.enum(["low", "medium", "high"]),
  fallback_strategy: z.string().max(2_000),
  policy: z.exactOptional(TaskPolicy),
});
export type PlannedTask = z.infer<typeof PlannedTask>;

export const Plan = z.strictObject({
  tasks: z.array(PlannedTask).min(1),
  risks: z.array(z.string().max(2_000)).max(50),
});
export type Plan = z.infer<typeof Plan>;

export const ExecutorAnswer = z.strictObject({
  status: z.enum(["success", "failure"]),
  output: z.strictObject({ result: JsonValue, details: z.string() }),
  /** Empty on success. On failure: a code of ours where one fits (`unsupported_offline`), then a colon and the reason. */
  error: z.string(),
});
export type ExecutorAnswer = z.infer<typeof ExecutorAnswer>;

export const CriticAnswer = z.strictObject({
  approved: z.boolean(),
  overall_score: z.number().min(0).max(10),
  issues: z.array(
    z.strictObject({
      severity: z.enum(["high", "medium", "low"]),
      category: z.string().max(100),
      description: z.string().max(4_000),
      location: z.string().max(1_000),
      suggestion: z.string().max(4_000),
    }),
  ),
  strengths: z.array(z.string().max(2_000)),
});
export type CriticAnswer = z.infer<typeof CriticAnswer>;

export const SummarizerAnswer = z.strictObject({
  summary: z.string().min(1).max(20_000),
  key_points: z.array(z.string().max(2_000)),
  confidence: z.number().min(0).max(1),
});
export type SummarizerAnswer = z.infer<typeof SummarizerAnswer>;

/**
 * The variables of the four prompts. Planner: `goal`, `files` (paths in the run's workspace with their bytes), `memories` (texts).
 * Executor: `goal`, `task` (name, description, ordinal), `files`. Critic and summarizer: `goal`, `tasks`
 * (ordinal, name, status). The results of earlier tasks come as `inputs`, not as a variable.
 */
export const PlannerVariables = z.strictObject({
  goal: z.string(),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int() })),
  memories: z.array(z.string()),
});
/** Of the planner of a run that was planned before: what came of its tasks, and why there is to be another plan. */
export const ReplannerVariables = PlannerVariables.extend({
  tasks: z.array(z.strictObject({ id: z.string(), ordinal: z.int(), name: z.string(), status: z.string() })),
  reasons: z.array(z.strictObject({ cause: z.string(), detail: z.string() })),
});
export const ExecutorVariables = z.strictObject({
  goal: z.string(),
  task: z.strictObject({ ordinal: z.int(), name: z.string(), description: z.string() }),
  files: z.array(z.strictObject({ path: z.string(), bytes: z.int() })),
});
export const ReviewVariables = z.strictObject({
  goal: z.string(),
  tasks: z.array(z.strictObject({ ordinal: z.int(), name: z.string(), status: z.string() })),
});

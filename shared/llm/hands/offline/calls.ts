import * as z from "zod";
import type { JsonValue } from "../../../platform/json.ts";

/**
 * What the offline rules read of a call: the variables of the four prompts and the shapes of their answers. They repeat the
 * contract of the agents on purpose, since nothing under `llm` may depend on it.
 */
const Files = z.array(z.object({ path: z.string(), bytes: z.number() }));

export const PlannerVariables = z.object({ goal: z.string(), files: Files });
export const ExecutorVariables = z.object({
  goal: z.string(),
  task: z.object({ ordinal: z.number(), name: z.string(), description: z.string() }),
  files: Files,
});
export const ReviewVariables = z.object({
  goal: z.string(),
  tasks: z.array(z.object({ ordinal: z.number(), name: z.string(), status: z.string() })),
});
export type ReviewVariables = z.infer<typeof ReviewVariables>;

export type PlannedTask = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly required_capabilities: readonly string[];
  readonly dependencies: readonly string[];
  readonly estimated_duration_seconds: number;
  readonly complexity: "low" | "medium" | "high";
  readonly fallback_strategy: string;
};
export type Plan = { readonly tasks: readonly PlannedTask[]; readonly risks: readonly string[] };

export type ExecutorAnswer = {
  readonly status: "success" | "failure";
  readonly output: { readonly result: JsonValue; readonly details: string };
  readonly error: string;
};

export type Issue = {
  readonly severity: "high" | "medium" | "low";
  readonly category: string;
  readonly description: string;
  readonly location: string;
  readonly suggestion: string;
};
export type CriticAnswer = {
  readonly approved: boolean;
  readonly overall_score: number;
  readonly issues: readonly Issue[];
  readonly strengths: readonly string[];
};
export type SummarizerAnswer = { readonly summary: string; readonly key_points: readonly string[]; readonly confidence: number };

import * as z from "zod";
import { defineRoute } from "../../platform/api/route.ts";
import { RunStatus } from "./run-status.ts";

const SignedUsd = z.string().regex(/^-?\d{1,9}(\.\d{1,9})?$/, "dollars, more or less");
const TaskKind = z.enum(["planner", "executor", "critic", "summarizer", "call"]);
const TaskStatus = z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]);
const place = { kind: TaskKind, ordinal: z.int(), name: z.string() };

export const Change = z.enum(["description", "depends_on", "model", "prompt", "variables", "inputs", "status", "result"]);
export type Change = z.infer<typeof Change>;

const Side = z.strictObject({
  run_id: z.uuid(),
  status: RunStatus,
  cost_usd: SignedUsd,
  duration_ms: z.int().nullable(),
  verdict: z.strictObject({ approved: z.boolean(), score: z.number() }).nullable().describe("of the critic"),
});

export const RunDiff = z
  .strictObject({
    left: Side,
    right: Side,
    cost_delta_usd: SignedUsd.describe("right less left"),
    duration_delta_ms: z.int().nullable(),
    verdict_changed: z.boolean(),
    first_divergence: z
      .strictObject({
        ...place,
        changes: z.array(Change),
        seq: z.int().nullable().describe("the first effect whose request or answer differs, in the newest attempts of both"),
        differs: z.enum(["request", "result", "missing"]).nullable(),
      })
      .nullable()
      .describe("the first task, in the order of the plan, that is not the same; null when no task that both have differs"),
    tasks: z
      .array(
        z.strictObject({
          ...place,
          left_task_id: z.uuid(),
          right_task_id: z.uuid(),
          left_status: TaskStatus,
          right_status: TaskStatus,
          changes: z.array(Change),
          cost_delta_usd: SignedUsd,
          duration_delta_ms: z.int().nullable(),
        }),
      )
      .describe("tasks of both: those of a fork with those that they come from, others by kind, name and ordinal"),
    only_left: z.array(z.strictObject({ ...place, task_id: z.uuid() })),
    only_right: z.array(z.strictObject({ ...place, task_id: z.uuid() })),
  })
  .meta({ id: "RunDiff" });
export type RunDiff = z.infer<typeof RunDiff>;

export const diffRuns = defineRoute({
  id: "diff-runs",
  method: "GET",
  path: "/v1/runs/{run_id}/diff",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "What differs between two runs: the first divergence, and for each task its prompt, model, input, result, cost and duration",
  params: z.strictObject({ run_id: z.uuid() }),
  query: z.strictObject({ with: z.uuid().describe("the other run") }),
  status: 200,
  response: RunDiff,
});

export const diffRoutes = [diffRuns];

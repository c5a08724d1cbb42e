import * as z from "zod";
import { ModelName } from "../../llm/contracts/model-name.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { JsonValue } from "../../platform/json.ts";
import { RunStatus } from "./run-status.ts";

const Usd = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, "a decimal number of dollars such as 0.25");
const task = { task_id: z.uuid(), ordinal: z.int(), name: z.string() };
const ForkTask = z.strictObject(task);

export const ForkRequest = z
  .strictObject({
    task_id: z.uuid().describe("a task of the plan: it and everything downstream of it is carried out again"),
    description: z.string().min(1).max(20_000).optional().describe("what the task shall do instead"),
    prompt_version: z
      .string()
      .regex(/^v[1-9]\d{0,5}$/, "a version such as v1")
      .optional(),
    model: ModelName.optional(),
    result: JsonValue.optional().describe("the task is not carried out: what is downstream of it works with this result instead"),
    budget_usd: Usd.optional().describe("the most that the fork may cost"),
  })
  .refine(
    ({ result, description, prompt_version, model }) =>
      result === undefined || (description === undefined && prompt_version === undefined && model === undefined),
    "a task that is given its result is not carried out, so nothing else of it can be edited",
  )
  .meta({ id: "ForkRequest" });
export type ForkRequest = z.infer<typeof ForkRequest>;

export const ForkBill = z
  .strictObject({
    reused: z.array(ForkTask).describe("completed with the very results that they had"),
    given: ForkTask.nullable(),
    rerun: z.array(ForkTask).describe("carried out again; review and summary are besides"),
    left_out: z
      .array(ForkTask)
      .describe(
        "subtasks that the fork has not: their task is given its result, or is carried out from its beginning and may be divided otherwise",
      ),
    repeated: z
      .array(z.strictObject({ ...task, effect_id: z.uuid(), seq: z.int(), tool: z.string().nullable() }))
      .describe("what these tasks did once, and may do again"),
    unproven: z.array(ForkTask).describe("those among them that have never completed"),
    cost_usd: z
      .strictObject({ low: Usd, high: Usd })
      .describe("low: what they cost when they last completed; high: what their calls were held for"),
    dropped_files: z.array(z.string()).describe("written by none but tasks that are carried out again: the fork begins without them"),
  })
  .meta({ id: "ForkBill" });
export type ForkBill = z.infer<typeof ForkBill>;

const route = {
  method: "POST",
  zone: "mind",
  auth: "user",
  params: z.strictObject({ run_id: z.uuid() }),
  body: ForkRequest,
  limits: { bodyBytes: 1_000_000 },
} as const;

export const previewFork = defineRoute({
  ...route,
  id: "preview-fork",
  path: "/v1/runs/{run_id}/forks/preview",
  scopes: ["runs:read"],
  summary: "The bill of a fork before it is made: what is reused, what is carried out again, what may happen twice, and what it may cost",
  status: 200,
  response: ForkBill,
});

export const forkRun = defineRoute({
  ...route,
  id: "fork-run",
  path: "/v1/runs/{run_id}/forks",
  scopes: ["runs:write"],
  summary: "Fork a run that has ended or is paused: a new run with an edited task, in which whatever is not downstream of it is reused",
  idempotent: true,
  status: 202,
  response: ForkBill.extend({ run_id: z.uuid(), status: RunStatus }).meta({ id: "Fork" }),
});

export const forkRoutes = [previewFork, forkRun];

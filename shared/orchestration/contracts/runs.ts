import * as z from "zod";
import { EffectError } from "../../effects/contracts/effect.ts";
import { pageOf, pageQuery } from "../../platform/api/page.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { JsonValue } from "../../platform/json.ts";
import { WorkspacePath } from "../../tools/contracts/workspace-path.ts";
import { UsageRow } from "../../usage/contract.ts";
import { isRange, listFilters, notARange } from "./list-filters.ts";
import { RunStatus } from "./run-status.ts";

const Usd = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, "a decimal number of dollars such as 0.25");
const Timestamp = z.iso.datetime({ offset: true });

export const Budget = z
  .strictObject({ limit_usd: Usd.nullable(), spent_usd: Usd, held_usd: Usd })
  .meta({ id: "Budget", description: "Held is reserved for effects under way; spent and held together never pass the limit." });

export const RunTask = z
  .strictObject({
    id: z.uuid(),
    kind: z.enum(["planner", "executor", "critic", "summarizer", "call"]),
    ordinal: z.int().describe("1..n in the order of the plan; 0 for planning, review, summary and the call of one tool"),
    name: z.string(),
    status: z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]),
    depends_on: z.array(z.int()).describe("ordinals"),
    agent: z.string().nullable(),
    attempts: z.int(),
    is_paused: z.boolean(),
    estimated_duration_seconds: z.int().nullable(),
    duration_ms: z.int().nullable(),
    result: JsonValue,
    error: EffectError.nullable(),
  })
  .meta({ id: "RunTask" });
export type RunTask = z.infer<typeof RunTask>;

const PlanOrder = z
  .strictObject({
    levels: z.array(z.array(z.int())).describe("the order of execution: tasks of one level may run at once, after those before"),
    critical_path: z.array(z.int()).describe("the chain that takes longest by its estimates"),
    critical_path_seconds: z.int(),
    total_estimated_seconds: z.int().describe("of all tasks together"),
  })
  .meta({ id: "PlanOrder", description: "Of the tasks of the plan, by ordinal" });

export const RunSummary = z
  .strictObject({
    id: z.uuid(),
    task_id: z.uuid().describe("the root task: the goal itself"),
    goal: z.string(),
    status: RunStatus,
    phase: z.string(),
    error: EffectError.nullable(),
    created_at: Timestamp,
    started_at: Timestamp.nullable(),
    finished_at: Timestamp.nullable(),
  })
  .meta({ id: "RunSummary" });
export type RunSummary = z.infer<typeof RunSummary>;

export const Run = RunSummary.extend({
  forked_from: z.strictObject({ run_id: z.uuid(), task_id: z.uuid() }).nullable().describe("the run, and its task that was edited"),
  model: z.string().describe("what stands behind agents whose model is `default`"),
  event_seq: z.int().describe("number of the newest fact in the run's log"),
  result: JsonValue,
  replans: z
    .array(z.strictObject({ cause: z.enum(["failure", "rejection", "person"]), detail: z.string() }))
    .describe(
      "why the run was planned again, each time: a task failed for good, the critic rejected the results, or a person asked for it",
    ),
  replans_left: z.int().describe("times that the run may still be planned again by itself"),
  tasks: z.array(RunTask),
  plan: PlanOrder,
  contract: z
    .strictObject({ approved_sha256: z.string().nullable(), tools: z.array(z.string()), files: z.array(z.string()) })
    .nullable()
    .describe("what a person approves of the plan and what its tasks are held to, with every amendment; null unless it was asked for"),
  usage: z.array(UsageRow),
  budget: Budget,
  memories: z.array(z.strictObject({ id: z.uuid(), content: z.string() })).describe("what was remembered of this run"),
}).meta({ id: "Run" });
export type Run = z.infer<typeof Run>;

export const RunFile = z.strictObject({ path: z.string(), bytes: z.int() }).meta({ id: "RunFile" });

const RunParams = z.strictObject({ run_id: z.uuid() });
const FileParams = z.strictObject({ run_id: z.uuid(), path: WorkspacePath });

export const listRuns = defineRoute({
  id: "list-runs",
  method: "GET",
  path: "/v1/runs",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "Runs of the workspace that pursue a goal, newest first",
  query: z.strictObject({ status: RunStatus.optional(), ...listFilters, ...pageQuery }).refine(isRange, notARange),
  status: 200,
  response: pageOf(RunSummary),
});

export const getRun = defineRoute({
  id: "get-run",
  method: "GET",
  path: "/v1/runs/{run_id}",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "A run with its tasks, usage, budget and result",
  params: RunParams,
  status: 200,
  response: Run,
});

const RunAnswer = z.strictObject({ run_id: z.uuid(), status: RunStatus });

const control = {
  method: "POST",
  zone: "mind",
  auth: "user",
  scopes: ["runs:write"],
  params: RunParams,
  status: 200,
  response: RunAnswer,
} as const;

export const cancelRun = defineRoute({
  ...control,
  id: "cancel-run",
  path: "/v1/runs/{run_id}/cancel",
  summary: "Cancel a run: nothing more is begun, what is under way is aborted",
});

export const pauseRun = defineRoute({
  ...control,
  id: "pause-run",
  path: "/v1/runs/{run_id}/pause",
  summary: "Pause a run: answers under way are kept, nothing more is begun",
});

export const resumeRun = defineRoute({
  ...control,
  id: "resume-run",
  path: "/v1/runs/{run_id}/resume",
  summary: "Let a paused run go on, with another budget where one is given",
  body: z.strictObject({ budget_usd: Usd.optional() }),
});

export const listRunFiles = defineRoute({
  id: "list-run-files",
  method: "GET",
  path: "/v1/runs/{run_id}/files",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "Files in the workspace of a run",
  params: RunParams,
  status: 200,
  response: z.strictObject({ files: z.array(RunFile) }),
});

/** What API Gateway and Lambda accept in one request, less what base64 adds. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;

export const uploadRunFile = defineRoute({
  id: "upload-run-file",
  method: "PUT",
  path: "/v1/runs/{run_id}/files/{path+}",
  zone: "mind",
  auth: "user",
  scopes: ["runs:write"],
  summary: "Put a file into the workspace of a run that goes on",
  params: FileParams,
  rawBody: true,
  limits: { bodyBytes: MAX_FILE_BYTES },
  status: 200,
  response: RunFile,
});

export const downloadRunFile = defineRoute({
  id: "download-run-file",
  method: "GET",
  path: "/v1/runs/{run_id}/files/{path+}",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "A file from the workspace of a run",
  params: FileParams,
  status: 200,
  response: null,
  rawResponse: true,
});

export const runRoutes = [listRuns, getRun, cancelRun, pauseRun, resumeRun, listRunFiles, uploadRunFile, downloadRunFile];

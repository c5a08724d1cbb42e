import * as z from "zod";
import { defineRoute } from "../../platform/api/route.ts";
import { RunStatus } from "./run-status.ts";

export const replanRun = defineRoute({
  id: "replan-run",
  method: "POST",
  path: "/v1/runs/{run_id}/replan",
  zone: "mind",
  auth: "user",
  scopes: ["runs:write"],
  summary: "Have a run planned again: what has completed stays, what has not is cancelled; counts as one of its replans",
  params: z.strictObject({ run_id: z.uuid() }),
  body: z.strictObject({
    note: z.string().trim().min(1).max(2_000).optional().describe("what should be different; the planner reads it with the goal"),
  }),
  idempotent: true,
  status: 202,
  response: z.strictObject({ run_id: z.uuid(), status: RunStatus, replans_left: z.int() }),
});

export const replanRoutes = [replanRun];

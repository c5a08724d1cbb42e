import * as z from "zod";
import { defineRoute } from "../../platform/api/route.ts";

export const Difference = z.enum([
  "briefing",
  "prompt",
  "kind",
  "request",
  "safety",
  "result",
  "event",
  "missing",
  "unasked",
  "outcome",
  "plan",
]);
export type Difference = z.infer<typeof Difference>;

const place = {
  task_id: z.uuid(),
  ordinal: z.int(),
  name: z.string(),
  attempt: z.int(),
  seq: z.int().nullable().describe("the effect's place in the attempt's journal; null for the attempt as a whole"),
  effect_id: z.uuid().nullable(),
};

export const Replay = z
  .strictObject({
    run_id: z.uuid(),
    outcome: z
      .enum(["same", "diverged", "erased"])
      .describe("erased: nothing differs, but some content was erased and cannot be recomputed"),
    attempts: z.int(),
    decisions: z.int().describe("decisions that were computed anew"),
    divergence: z
      .strictObject({
        ...place,
        differs: Difference,
        recorded: z.string().nullable().describe("a hash, or a word for what has none"),
        recomputed: z.string().nullable(),
      })
      .nullable()
      .describe("the first thing that is not as it was recorded"),
    erased: z.array(z.strictObject(place)).max(100).describe("where content is missing, in each attempt the first place"),
  })
  .meta({ id: "Replay" });
export type Replay = z.infer<typeof Replay>;

export const replayRun = defineRoute({
  id: "replay-run",
  method: "GET",
  path: "/v1/runs/{run_id}/replay",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "Compute every decision of a run anew from its journal, without a single call, and compare it with what was recorded",
  params: z.strictObject({ run_id: z.uuid() }),
  status: 200,
  response: Replay,
});

export const replayRoutes = [replayRun];

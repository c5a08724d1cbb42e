import * as z from "zod";
import { pageOf, pageQuery } from "../../platform/api/page.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { AgentRole } from "./agents.ts";

/** A share of something that may not have happened: of nothing, nobody knows the share. */
const Share = z.union([z.number().min(0).max(1), z.literal("unknown")]);

export const ReviewScore = z
  .strictObject({
    model: z.string(),
    prompt_version: z.int(),
    reviews: z.int(),
    measured: z.int().describe("reviews of results that acceptance checks had judged; precision and recall tell of these alone"),
    rightly_rejected: z.int().describe("a check had failed"),
    wrongly_rejected: z.int().describe("every check had passed"),
    wrongly_approved: z.int().describe("a check had failed"),
    rightly_approved: z.int().describe("every check had passed"),
    precision: Share.describe("of the rejections, those with a failed check"),
    recall: Share.describe("of the reviews with a failed check, those that rejected"),
  })
  .meta({ id: "ReviewScore" });
export type ReviewScore = z.infer<typeof ReviewScore>;

export const Scorecard = z
  .strictObject({
    id: z.uuid().describe("of the agent"),
    name: z.string(),
    role: AgentRole,
    attempts: z.strictObject({ running: z.int(), completed: z.int(), failed: z.int(), cancelled: z.int() }),
    success_rate: Share.describe("of the attempts that completed or failed, those that completed"),
    lease_losses: z.int().describe("hands that were lost to its effects"),
    median_duration_seconds: z.union([z.number(), z.literal("unknown")]).describe("of the attempts that completed"),
    calls: z.int().describe("of models"),
    cost_usd: z.union([z.string(), z.literal("unknown")]).describe("of its calls; unknown as soon as one of them has no known price"),
    reviews: z.array(ReviewScore).describe("of a critic, by model and prompt: how it compares with the acceptance checks"),
  })
  .meta({ id: "Scorecard" });
export type Scorecard = z.infer<typeof Scorecard>;

const Time = z.iso.datetime({ offset: true });
const period = {
  from: Time.optional().describe("Attempts begun, calls answered and reviews given at or after this time"),
  to: Time.optional().describe("The same before this time"),
};

const read = { method: "GET", zone: "mind", auth: "user", scopes: ["agents:read"], status: 200 } as const;

export const getScorecard = defineRoute({
  ...read,
  id: "get-scorecard",
  path: "/v1/agents/{agent_id}/scorecard",
  summary: "What became of an agent's attempts and what they cost; of a critic also its precision and recall against acceptance checks",
  params: z.strictObject({ agent_id: z.uuid() }),
  query: z.strictObject(period),
  response: Scorecard,
});

export const listScorecards = defineRoute({
  ...read,
  id: "list-scorecards",
  path: "/v1/pool/scorecards",
  summary: "The scorecards of all agents, retired ones too",
  query: z.strictObject({ ...period, ...pageQuery }),
  response: pageOf(Scorecard),
});

export const scorecardRoutes = [getScorecard, listScorecards];

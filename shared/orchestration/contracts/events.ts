import * as z from "zod";
import { queryInteger } from "../../platform/api/page.ts";
import { defineRoute } from "../../platform/api/route.ts";

export const followRun = defineRoute({
  id: "follow-run",
  method: "GET",
  path: "/v1/runs/{run_id}/events",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary:
    "The facts of a run as server-sent events, in segments of at most 55 seconds; with `wait`, as JSON after at most that many seconds",
  params: z.strictObject({ run_id: z.uuid() }),
  query: z.strictObject({
    after: queryInteger(0, 999_999_999).optional().describe("number of the last fact that is known; Last-Event-ID says the same"),
    wait: queryInteger(0, 25).optional(),
  }),
  headers: z.object({ "last-event-id": queryInteger(0, 999_999_999).optional() }),
  status: 200,
  otherStatuses: { 204: "The run has ended and every fact was read" },
  response: z.strictObject({
    facts: z.array(z.looseObject({ number: z.int(), at: z.iso.datetime({ offset: true }), type: z.string() })),
    ended: z.boolean(),
  }),
  stream: true,
});

export const eventRoutes = [followRun];

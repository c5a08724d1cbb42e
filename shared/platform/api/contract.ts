import * as z from "zod";
import { errorCodes } from "../errors.ts";
import { JsonObject } from "../json.ts";
import { defineRoute } from "./route.ts";

/** Routes about the API itself. */
const open = { method: "GET", zone: "mind", auth: "public", scopes: [], status: 200 } as const;

export const Health = z
  .strictObject({
    status: z.literal("ok"),
    version: z.string(),
    models: z.strictObject({
      default: z.string().describe("what agents without a model of their own think with"),
      generative: z.boolean().describe("false for the offline rules, which carry out what a text says word for word"),
    }),
    database: z.literal("ok").optional().describe("only when it was looked at"),
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof Health>;

const health = {
  ...open,
  summary: "Whether the API answers; with deep=1 and the scope admin, whether its database does",
  query: z.strictObject({ deep: z.enum(["0", "1"]).default("0") }),
  headers: z.object({ authorization: z.string().optional() }),
  response: Health,
} as const;

export const getHealth = defineRoute({ ...health, id: "get-health", path: "/v1/health" });
/** Where load balancers and people look first. */
export const getPlainHealth = defineRoute({ ...health, id: "get-plain-health", path: "/health" });

export const getOpenApi = defineRoute({
  ...open,
  id: "get-openapi",
  path: "/v1/openapi.json",
  summary: "This API as an OpenAPI 3.1 document",
  response: JsonObject,
});

const problem = {
  ...open,
  summary: "What a kind of problem means",
  params: z.strictObject({ code: z.enum(errorCodes) }),
  response: z.strictObject({ type: z.string(), title: z.string(), status: z.int(), retryable: z.boolean() }),
} as const;

export const describeProblem = defineRoute({ ...problem, id: "describe-problem", path: "/v1/problems/{code}" });
/** Where the `type` of a problem points. */
export const resolveProblemType = defineRoute({ ...problem, id: "resolve-problem-type", path: "/problems/{code}" });

export const gatewayRoutes = [getHealth, getPlainHealth, getOpenApi, describeProblem, resolveProblemType];

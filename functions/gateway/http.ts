import * as z from "zod";
import { createAuthenticate } from "../../shared/auth/authenticate.ts";
import { readHealth } from "../../shared/doors/read-health.ts";
import { ModelName } from "../../shared/llm/contract.ts";
import { bindRoute } from "../../shared/platform/api/bind-route.ts";
import * as routes from "../../shared/platform/api/contract.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { readEnv, readVariable } from "../../shared/platform/config/env.ts";
import { sharedDatabase } from "../../shared/platform/db/shared-database.ts";
import { describeErrorCode, type ErrorCode } from "../../shared/platform/errors.ts";
import { describeRoutes } from "../describe-routes.ts";

const deps = {
  authenticate: createAuthenticate(lookupTable),
  openDb: () => sharedDatabase(readVariable("DATABASE_URL")),
  defaultModel: () => readEnv(z.object({ DEFAULT_MODEL: ModelName })).DEFAULT_MODEL,
};

type HealthRequest = { query: { deep: "0" | "1" }; headers: { authorization?: string | undefined }; now: Date };

const health = async ({ query, headers, now }: HealthRequest) => ({
  body: await readHealth(deps, { deep: query.deep === "1", authorization: headers.authorization, now }),
});

const problem = async ({ params: { code } }: { params: { code: ErrorCode } }) => ({
  body: { type: `/problems/${code}`, ...describeErrorCode(code) },
});

let document: ReturnType<typeof describeRoutes> | undefined;

export const handler = handleService("gateway", [
  bindRoute(routes.getHealth, health),
  bindRoute(routes.getPlainHealth, health),
  bindRoute(routes.getOpenApi, async () => ({ body: (document ??= describeRoutes()) })),
  bindRoute(routes.describeProblem, problem),
  bindRoute(routes.resolveProblemType, problem),
]);

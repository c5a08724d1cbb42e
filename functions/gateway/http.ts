import * as z from "zod";
import type { Authenticate } from "../../shared/auth/authenticate.ts";
import { type HealthDeps, readHealth } from "../../shared/doors/read-health.ts";
import { ModelName } from "../../shared/llm/contracts/model-name.ts";
import { bindRoute } from "../../shared/platform/api/bind-route.ts";
import * as routes from "../../shared/platform/api/contract.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { readEnv, readVariable } from "../../shared/platform/config/env.ts";
import { describeErrorCode, type ErrorCode } from "../../shared/platform/errors.ts";
import { JsonObject } from "../../shared/platform/json.ts";

let authenticate: Promise<Authenticate> | undefined;

/** What the deep look needs is loaded with it: load balancers ask for the shallow one, which needs nothing. */
const deps: HealthDeps = {
  authenticate: async (authorization, now) => (await (authenticate ??= loadAuthenticate()))(authorization, now),
  openDb: async () => {
    const { sharedDatabase } = await import("../../shared/platform/db/shared-database.ts");
    return sharedDatabase(readVariable("DATABASE_URL"));
  },
  defaultModel: () => readEnv(z.object({ DEFAULT_MODEL: ModelName })).DEFAULT_MODEL,
};

async function loadAuthenticate(): Promise<Authenticate> {
  const { createAuthenticate } = await import("../../shared/auth/authenticate.ts");
  return createAuthenticate(lookupTable);
}

type HealthRequest = { query: { deep: "0" | "1" }; headers: { authorization?: string | undefined }; now: Date };

const health = async ({ query, headers, now }: HealthRequest) => ({
  body: await readHealth(deps, { deep: query.deep === "1", authorization: headers.authorization, now }),
});

const problem = async ({ params: { code } }: { params: { code: ErrorCode } }) => ({
  body: { type: `/problems/${code}`, ...describeErrorCode(code) },
});

let document: JsonObject | undefined;

/** Written from the route table by `npm run openapi`, as a test holds it to; loaded for the few who ask. */
async function loadDocument(): Promise<JsonObject> {
  const file = await import("../../docs/openapi.json", { with: { type: "json" } });
  return (document ??= JsonObject.parse(file.default));
}

export const handler = handleService("gateway", [
  bindRoute(routes.getHealth, health),
  bindRoute(routes.getPlainHealth, health),
  bindRoute(routes.getOpenApi, async () => ({ body: await loadDocument() })),
  bindRoute(routes.describeProblem, problem),
  bindRoute(routes.resolveProblemType, problem),
]);

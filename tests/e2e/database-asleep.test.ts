import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createAgenda } from "../../local/aws/agenda.ts";
import { type ApiGateway, createApiGateway } from "../../local/aws/api-gateway.ts";
import { installAwslambda } from "../../local/aws/awslambda.ts";
import { systemClock } from "../../local/aws/clock.ts";
import { createLambdaFunctions, type LambdaFunctions, runFunction } from "../../local/aws/lambda-functions.ts";
import { loadFunctions } from "../../local/embedded-functions.ts";
import { gatewayRoutes } from "../../local/gateway-routes.ts";
import { allowIdentity } from "../../shared/auth/allow-identity.ts";
import { everyScope } from "../../shared/auth/contracts/scopes.ts";
import { closeSharedDatabases } from "../../shared/platform/db/shared-database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";

/** All functions on a database that accepts a connection and says nothing, as one does that was put to sleep. */
let asleep: Server;
let gateway: ApiGateway;
let functions: LambdaFunctions;
let url: string;
const sockets: Socket[] = [];
const somebody = uuidv7();

beforeAll(async () => {
  setLogSink(() => undefined);
  asleep = createServer((socket) => void sockets.push(socket));
  await once(asleep.listen(0, "127.0.0.1"), "listening");
  const address = asleep.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const settings = {
    DATABASE_URL: `postgres://cognition_http@127.0.0.1:${port}/cognition`,
    DATABASE_CONNECT_SECONDS: "0.2",
    CACHE_URL: "memory:",
    LOOKUP_TABLE: "lookups",
    DEFAULT_MODEL: "offline:offline-rules-v1",
    CONTROL_QUEUE_URL: "http://sqs.invalid/0/control",
    LLM_QUEUE_URL: "http://sqs.invalid/0/effects-llm",
    TOOL_QUEUE_URL: "http://sqs.invalid/0/effects-tool",
    STATE_MACHINE_ARN: "arn:aws:states:us-east-1:0:stateMachine:run",
    WORKSPACE_BUCKET: "workspaces",
    JWT_PRIVATE_KEY: "{}",
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  installAwslambda();
  const identity = { workspaceId: somebody, userId: somebody, scopes: everyScope };
  const authorizer = {
    handler: async ({ methodArn }: APIGatewayRequestAuthorizerEvent) => allowIdentity(identity, methodArn),
    timeoutSeconds: 10,
  };
  functions = createLambdaFunctions(createAgenda(systemClock), { ...(await loadFunctions()), "gateway/authorizer": authorizer });
  gateway = createApiGateway({ routes: gatewayRoutes(), functions, authorizer: "gateway/authorizer" });
  url = (await gateway.listen(0)).url;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await gateway.close();
  await closeSharedDatabases();
  for (const socket of sockets) socket.destroy();
  asleep.close();
});

describe("while the database sleeps", () => {
  test.each([
    ["auth/http", "POST", "/v1/auth/login", { email: "a@example.org", password: "correct horse" }],
    ["planner/http", "GET", "/v1/tasks", undefined],
    ["planner/http", "POST", `/v1/runs/${somebody}/cancel`, undefined],
    ["planner/events", "GET", `/v1/runs/${somebody}/events`, undefined],
    ["orchestrator/http", "GET", "/v1/agents", undefined],
    ["memory/http", "GET", "/v1/memories", undefined],
    ["ai-runtime/http", "GET", "/v1/ai/usage", undefined],
    ["tool-runner/http", "GET", `/v1/tools/executions/${somebody}`, undefined],
  ])("%s answers %s %s with when to come again", async (_function, method, target, body) => {
    const headers = { authorization: "Bearer any", "content-type": "application/json" };
    const reply = await fetch(url + target, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });

    expect([reply.status, reply.headers.get("retry-after"), reply.headers.get("content-type")]).toEqual([
      503,
      "15",
      "application/problem+json",
    ]);
    expect(await reply.json()).toMatchObject({ type: "/problems/database-resuming", status: 503, retryable: true });
  });

  test("what needs no database is answered", async () => {
    const reply = await fetch(`${url}/v1/health`);

    expect(reply.status).toBe(200);
  });

  test("a message for the conductor comes again", async () => {
    const record = {
      messageId: "1",
      eventSourceARN: "arn:aws:sqs:us-east-1:0:control",
      body: JSON.stringify({ kind: "hint", run_id: somebody }),
    };
    const outcome = await runFunction(functions, "orchestrator/conductor", { Records: [record] });

    expect(outcome).toEqual({ status: "answered", answer: { batchItemFailures: [{ itemIdentifier: "1" }] } });
  });

  test("no effect is claimed, so no hand begins one", async () => {
    const claim = { verb: "claim", effects: [{ effect_id: somebody, try: 1 }] };
    const outcome = await runFunction(functions, "orchestrator/ledger", claim);

    expect(outcome).toMatchObject({ status: "failed", error: { errorMessage: expect.stringContaining("database-resuming") } });
  });
});

import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { APIGatewayProxyEvent, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { expect, it } from "vitest";
import { createAgenda } from "./agenda.ts";
import { createGate, openGateway } from "./api-gateway/open-gateway.ts";
import { createApiGateway } from "./api-gateway.ts";
import { createManualClock } from "./clock.ts";
import { createLambdaFunctions, type LambdaFunction } from "./lambda-functions.ts";

const echo: LambdaFunction = {
  handler: (event: APIGatewayProxyEvent) => ({
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(event),
  }),
  timeoutSeconds: 29,
};

it("hands over a REST v1 proxy event and writes what the function answers", async () => {
  const { url } = await openGateway([["POST", "/v1/runs/{run_id}/files/{path+}", "echo"]], { echo });

  const response = await fetch(`${url}/v1/runs/7/files/a/b%20c.txt?tag=1&tag=2&q=x`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Custom": "x" },
    body: '{"ü":1}',
  });

  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    resource: "/v1/runs/{run_id}/files/{path+}",
    path: "/v1/runs/7/files/a/b%20c.txt",
    httpMethod: "POST",
    pathParameters: { run_id: "7", path: "a/b c.txt" },
    queryStringParameters: { tag: "2", q: "x" },
    multiValueQueryStringParameters: { tag: ["1", "2"], q: ["x"] },
    body: '{"ü":1}',
    isBase64Encoded: false,
    requestContext: {
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      identity: { sourceIp: "127.0.0.1" },
      resourcePath: "/v1/runs/{run_id}/files/{path+}",
      authorizer: null,
    },
  });
});

it.each([
  ["bytes", "application/octet-stream", Buffer.from([0, 255, 128])],
  ["text that is not UTF-8", "text/csv", Buffer.from([0x67, 0x72, 0xfc])],
])("hands over %s as base64, unchanged", async (_, type, body) => {
  const { url } = await openGateway([["POST", "/files", "echo"]], { echo });

  const event = await (await fetch(`${url}/files`, { method: "POST", headers: { "content-type": type }, body })).json();

  expect(event).toMatchObject({ isBase64Encoded: true, body: body.toString("base64") });
});

it("keeps repeated headers, under the name the client wrote", async () => {
  const { port } = await openGateway([["GET", "/a", "echo"]], { echo });

  const answer = await sendRaw(port, `GET /a HTTP/1.1\r\nHost: localhost:${port}\r\nX-Tag: 1\r\nx-tag: 2\r\nConnection: close\r\n\r\n`);
  const event = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));

  expect(event.headers["X-Tag"]).toBe("2");
  expect(event.multiValueHeaders["X-Tag"]).toEqual(["1", "2"]);
});

it("writes headers, several of one name, and binary bodies", async () => {
  const reply = {
    statusCode: 201,
    headers: { location: "/v1/tasks/1", "x-number": 5 },
    multiValueHeaders: { "set-cookie": ["a=1", "b=2"] },
    body: Buffer.from([1, 2, 255]).toString("base64"),
    isBase64Encoded: true,
  };
  const { url } = await openGateway([["GET", "/a", "reply"]], { reply: { handler: () => reply, timeoutSeconds: 3 } });

  const response = await fetch(`${url}/a`);

  expect(response.status).toBe(201);
  expect(Object.fromEntries(response.headers)).toMatchObject({ location: "/v1/tasks/1", "x-number": "5", "content-length": "3" });
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.of(1, 2, 255));
});

it("answers HEAD without a body and OPTIONS with the methods, and never a CORS header", async () => {
  const { url } = await openGateway([["GET", "/a", "echo"]], { echo });

  const [head, options] = await Promise.all([fetch(`${url}/a`, { method: "HEAD" }), fetch(`${url}/a`, { method: "OPTIONS" })]);

  expect([head.status, await head.text(), Number(head.headers.get("content-length")) > 0]).toEqual([200, "", true]);
  expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
  expect([...head.headers.keys(), ...options.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
});

it("answers problems for unknown paths, wrong methods and paths that are none", async () => {
  const { url, port } = await openGateway([["POST", "/v1/tasks", "echo"]], { echo });

  const [unknown, method, encoding] = await Promise.all([fetch(`${url}/v1/nothing`), fetch(`${url}/v1/tasks`), fetch(`${url}/v1/%zz`)]);
  const climbing = await sendRaw(port, `GET /v1/../etc HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
  const garbage = await sendRaw(port, "GARBAGE\r\n\r\n");

  expect(await problem(unknown)).toMatchObject({ status: 404, type: "/problems/not-found" });
  expect(await problem(method)).toMatchObject({ status: 405, type: "/problems/method-not-allowed" });
  expect(method.headers.get("allow")).toBe("POST, OPTIONS");
  expect(await problem(encoding)).toMatchObject({ status: 400, type: "/problems/invalid-request" });
  expect(climbing).toMatch(/^HTTP\/1.1 400 Bad Request[^]*"type":"\/problems\/invalid-request"/);
  expect(garbage).toMatch(/^HTTP\/1.1 400 Bad Request[^]*application\/problem\+json[^]*"type":"\/problems\/invalid-request"/);
});

it("refuses other hosts and other origins, so that no page elsewhere can use it", async () => {
  const { url, port } = await openGateway([["POST", "/a", "echo"]], { echo });

  const rebound = await sendRaw(port, `POST /a HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  const foreign = await fetch(`${url}/a`, { method: "POST", headers: { origin: "http://evil.example" } });
  const own = await fetch(`${url}/a`, { method: "POST", headers: { origin: url } });

  expect(rebound).toMatch(/^HTTP\/1.1 400 /);
  expect([foreign.status, own.status]).toEqual([400, 200]);
});

it("answers 413 for a body over 10 MB, said beforehand or not, and for an event that no invoke carries", async () => {
  const calls: unknown[] = [];
  const { url } = await openGateway([["POST", "/a", "count"]], {
    count: { handler: (event: unknown) => calls.push(event), timeoutSeconds: 3 },
  });
  const tooMuch = Buffer.alloc(10 * 1_048_576 + 1, "x");
  const stream = new ReadableStream({
    start(controller) {
      for (let sent = 0; sent < 11; sent++) controller.enqueue(new Uint8Array(1_048_576));
      controller.close();
    },
  });

  const said = await fetch(`${url}/a`, { method: "POST", body: tooMuch });
  const unsaid = await fetch(`${url}/a`, { method: "POST", body: stream, duplex: "half" } as RequestInit);
  const inflated = await fetch(`${url}/a`, { method: "POST", headers: { "content-type": "text/plain" }, body: '"'.repeat(4 * 1_048_576) });

  for (const response of [said, unsaid, inflated])
    expect(await problem(response)).toMatchObject({ status: 413, type: "/problems/too-large" });
  expect(calls).toEqual([]);
});

it("answers 504 after 29 seconds, whatever the function does later", async () => {
  const called = createGate();
  const handler = () => {
    called.open();
    return new Promise(() => {});
  };
  const { url, clock } = await openGateway([["GET", "/slow", "slow"]], { slow: { handler, timeoutSeconds: 60 } });

  const fetching = fetch(`${url}/slow`);
  await called.opened;
  clock.advance(29_000);

  expect(await problem(await fetching)).toMatchObject({ status: 504, type: "/problems/gateway-timeout" });
});

it.each([
  [
    "throws",
    () => {
      throw new Error("secret");
    },
  ],
  ["answers no status", () => ({ body: "x" })],
  ["answers nothing", () => undefined],
  ["answers a header that is none", () => ({ statusCode: 200, headers: { "bad header": "x" } })],
  ["answers more than a function may", () => ({ statusCode: 200, body: "x".repeat(6 * 1_048_576) })],
])("answers 500 without a word about it for a function that %s, and tells the operator", async (_, handler) => {
  const failures: unknown[] = [];
  const { url } = await openGateway(
    [["GET", "/a", "broken"]],
    { broken: { handler, timeoutSeconds: 3 } },
    { onFailure: (where) => failures.push(where) },
  );

  const response = await fetch(`${url}/a`);
  const body = await response.text();

  expect(JSON.parse(body)).toMatchObject({ status: 500, type: "/problems/internal" });
  expect(body).not.toContain("secret");
  expect(failures).toEqual(["GET /a"]);
});

it("asks the authorizer once for the requests of a minute, and hands on its context as text", async () => {
  const asked: APIGatewayRequestAuthorizerEvent[] = [];
  const authorizer = policyOf((event) => {
    asked.push(event);
    return { Effect: "Allow", Resource: "arn:aws:execute-api:us-east-1:000000000000:local/local/*" };
  });
  const { url, clock } = await openGateway(
    [
      ["GET", "/a", "echo", true],
      ["GET", "/open", "echo"],
    ],
    { echo, authorizer },
  );
  const headers = { authorization: "Bearer key" };

  const first = await (await fetch(`${url}/a`, { headers })).json();
  await fetch(`${url}/a`, { headers });
  await fetch(`${url}/open`);
  clock.advance(60_000);
  await fetch(`${url}/a`, { headers });

  expect(first).toMatchObject({ requestContext: { authorizer: { principalId: "p", workspace_id: "w", admin: "true", n: "3" } } });
  expect(asked).toHaveLength(2);
  expect(asked[0]).toMatchObject({
    type: "REQUEST",
    methodArn: "arn:aws:execute-api:us-east-1:000000000000:local/local/GET/a",
    headers: { authorization: "Bearer key" },
  });
});

it.each([
  ["no credentials", undefined, "Allow", 401],
  ["credentials the authorizer does not know", "Bearer unknown", "Unauthorized", 401],
  ["a policy that denies", "Bearer key", "Deny", 403],
  ["a policy for another resource", "Bearer key", "Elsewhere", 403],
  ["an authorizer that breaks", "Bearer key", "Broken", 500],
])("does not call the function for %s", async (_, authorization, effect, status) => {
  const calls: unknown[] = [];
  const authorizer = policyOf(() => {
    if (effect === "Unauthorized" || effect === "Broken") throw new Error(effect);
    const stage = "arn:aws:execute-api:us-east-1:000000000000:local/local";
    return { Effect: effect === "Deny" ? "Deny" : "Allow", Resource: effect === "Elsewhere" ? `${stage}/GET/b` : `${stage}/*` };
  });
  const count: LambdaFunction = { handler: (event: unknown) => calls.push(event), timeoutSeconds: 3 };
  const { url } = await openGateway([["GET", "/a", "count", true]], { count, authorizer });

  const response = await fetch(`${url}/a`, { headers: authorization === undefined ? {} : { authorization } });

  expect(await problem(response)).toMatchObject({ status });
  expect(response.headers.get("www-authenticate")).toBe(status === 401 ? "Bearer" : null);
  expect(calls).toEqual([]);
});

it("refuses to keep policies for more than a minute", async () => {
  await expect(openGateway([], {}, { authorizerCacheSeconds: 61 })).rejects.toThrow("at most 60 s");
});

it("refuses to start with a route whose function does not exist or streams where the route does not", async () => {
  await expect(openGateway([["GET", "/a", "nobody"]], {})).rejects.toThrow("Function not found");
  await expect(
    openGateway([], { echo }, { routes: [{ method: "GET", path: "/a", authorized: false, stream: true, functionName: "echo" }] }),
  ).rejects.toThrow("GET /a is streamed, but echo has a handler of the other kind");
});

it("says when the port is taken", async () => {
  const { port } = await openGateway([], {});
  const second = createApiGateway({ routes: [], functions: createLambdaFunctions(createAgenda(createManualClock()), {}), authorizer: "a" });

  await expect(second.listen(port)).rejects.toMatchObject({ code: "EADDRINUSE" });
});

function policyOf(decide: (event: APIGatewayRequestAuthorizerEvent) => { Effect: string; Resource: string }): LambdaFunction {
  return {
    handler: async (event: APIGatewayRequestAuthorizerEvent) => ({
      principalId: "p",
      policyDocument: { Version: "2012-10-17", Statement: [{ Action: "execute-api:Invoke", ...decide(event) }] },
      context: { workspace_id: "w", admin: true, n: 3 },
    }),
    timeoutSeconds: 3,
  };
}

async function problem(response: Response): Promise<unknown> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = (await response.json()) as { instance: string };
  expect(response.headers.get("x-request-id")).toBe(body.instance);
  return body;
}

async function sendRaw(port: number, request: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(request);
  return text(socket);
}

import { createServer } from "node:http";
import { afterEach, expect, it } from "vitest";
import { clientOptions, type SdkRequest, setRequestHandler } from "./client-options.ts";
import { getDynamoDbClient } from "./dynamodb.ts";
import { getS3Client } from "./s3.ts";
import { getSfnClient } from "./sfn.ts";
import { getSqsClient } from "./sqs.ts";

afterEach(() => setRequestHandler(undefined));

it("leaves region, credentials and endpoint to the SDK on AWS and gives up a connection that does not open", () => {
  const options = clientOptions("sqs");

  expect(options).toEqual({
    maxAttempts: 3,
    retryMode: "standard",
    useQueueUrlAsEndpoint: false,
    requestHandler: { connectionTimeout: 2_000 },
  });
});

it("makes one client of a kind, and a new one when the transport changed", async () => {
  const handler = { handle: async () => ({ response: { statusCode: 200, headers: {} } }) };

  const [first, second] = [await getSqsClient(), await getSqsClient()];
  setRequestHandler(handler);
  const third = await getSqsClient();

  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

it("sends the requests of a service to the handler under the service's own host, unsigned", async () => {
  const requests: SdkRequest[] = [];
  setRequestHandler({
    async handle(request) {
      requests.push(request);
      return { response: { statusCode: 200, headers: {}, body: Buffer.from(request.hostname === "s3.invalid" ? "<a/>" : "{}") } };
    },
  });
  const { ListQueuesCommand } = await import("@aws-sdk/client-sqs");
  const { ListStateMachinesCommand } = await import("@aws-sdk/client-sfn");
  const { ListBucketsCommand } = await import("@aws-sdk/client-s3");

  await (await getSqsClient()).send(new ListQueuesCommand({}));
  await (await getSfnClient()).send(new ListStateMachinesCommand({}));
  await (await getS3Client()).send(new ListBucketsCommand({}));

  expect(requests.map((request) => request.hostname)).toEqual(["sqs.invalid", "sfn.invalid", "s3.invalid"]);
  expect(requests.map((request) => request.headers["authorization"])).toEqual([undefined, undefined, undefined]);
});

it("reaches a service with an endpoint of its own over HTTP, asked for when it is first needed", async () => {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end(JSON.stringify({ TableNames: [request.headers["x-amz-target"]] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  let asked = 0;
  const endpoint = async () => {
    asked += 1;
    return { protocol: "http:", hostname: "127.0.0.1", port, path: "/" };
  };
  setRequestHandler({ handle: () => Promise.reject(new Error("not for this service")) }, { dynamodb: endpoint });
  const { ListTablesCommand } = await import("@aws-sdk/client-dynamodb");

  try {
    const client = await getDynamoDbClient();
    const askedBefore = asked;
    const answer = await client.send(new ListTablesCommand({}));
    client.destroy();

    expect(askedBefore).toBe(0);
    expect(answer.TableNames).toEqual(["DynamoDB_20120810.ListTables"]);
  } finally {
    server.close();
  }
});

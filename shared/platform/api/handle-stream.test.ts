import { PassThrough, type Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { lambdaContext, proxyEvent } from "../../../tests/proxy-event.ts";
import { setLogSink } from "../log/logger.ts";
import { bindStream, streamRoute } from "./handle-stream.ts";
import { defineRoute } from "./route.ts";

const watchBird = defineRoute({
  id: "watch-bird",
  method: "GET",
  path: "/v1/birds/{bird_id}/events",
  zone: "mind",
  auth: "public",
  scopes: [],
  summary: "Watch a bird",
  params: z.strictObject({ bird_id: z.string() }),
  status: 200,
  otherStatuses: { 204: "It has flown" },
  response: z.strictObject({ events: z.array(z.int()) }),
  stream: true,
});

let closed = 0;
const steps: Record<string, () => Promise<void>> = {};

async function* watch(bird: string) {
  try {
    yield "data: 1\n\n";
    if (bird === "crash") throw new Error("lost sight");
    await steps[bird]?.();
    yield "data: 2\n\n";
  } finally {
    closed += 1;
  }
}

type Head = { statusCode: number; headers: Record<string, string> };
/** Known from the first write on, as they are to a client of Lambda. */
const heads = new WeakMap<Writable, Head>();
let handler: ReturnType<typeof streamRoute>;
beforeAll(() => {
  setLogSink(() => undefined);
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse: (inner: unknown) => inner,
      HttpResponseStream: {
        from: (stream: Writable, head: Head) => {
          const write = stream.write.bind(stream);
          return Object.assign(stream, {
            write(chunk: unknown) {
              heads.set(stream, head);
              return write(chunk);
            },
          });
        },
      },
    },
  });
  handler = streamRoute(
    "aviary",
    bindStream(watchBird, async ({ params }) => {
      if (params.bird_id === "flown") return { status: 204 };
      if (params.bird_id === "json") return { body: { events: [1, 2] } };
      return { events: watch(params.bird_id) };
    }),
  );
});
afterAll(() => {
  Reflect.deleteProperty(globalThis, "awslambda");
  setLogSink((line) => process.stdout.write(`${line}\n`));
});

function call(bird: string, method = "GET") {
  closed = 0;
  const stream = new PassThrough();
  const done = Promise.resolve(handler(proxyEvent(method, watchBird.path, { params: { bird_id: bird } }), stream as never, lambdaContext));
  done.catch(() => undefined);
  return { stream, done, head: () => heads.get(stream) };
}

describe("streamRoute", () => {
  test("sends each event as it comes", async () => {
    let goOn = () => {};
    steps["robin"] = () => new Promise<void>((resolve) => (goOn = resolve));
    const { stream, done, head } = call("robin");

    const [first] = await new Promise<Buffer[]>((resolve) => stream.once("data", (chunk: Buffer) => resolve([chunk])));
    goOn();

    expect(first?.toString()).toBe("data: 1\n\n");
    expect(await text(stream)).toBe("data: 2\n\n");
    await done;
    expect(head()).toMatchObject({
      statusCode: 200,
      headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-request-id": "request-1" },
    });
  });

  test("answers JSON, a status without a body, and problems as any other route", async () => {
    const json = call("json");
    const flown = call("flown");
    const lost = call("json", "PUT");

    expect(JSON.parse(await text(json.stream))).toEqual({ events: [1, 2] });
    expect(await text(flown.stream)).toBe("");
    expect(flown.head()?.statusCode).toBe(204);
    expect(JSON.parse(await text(lost.stream))).toMatchObject({ type: "/problems/not-found" });
    expect(lost.head()).toMatchObject({ statusCode: 404, headers: { "content-type": "application/problem+json" } });
  });

  test("closes the iterable when the client leaves", async () => {
    steps["swift"] = async () => undefined;
    const { stream, done } = call("swift");
    stream.once("data", () => stream.destroy());

    await done;

    expect(closed).toBe(1);
  });

  test("breaks the answer off when the iterable fails, so that it is not taken for whole", async () => {
    const { stream, done } = call("crash");

    await expect(text(stream)).rejects.toThrow("lost sight");
    await expect(done).rejects.toThrow("lost sight");
    expect(closed).toBe(1);
  });
});

import type { Writable } from "node:stream";
import { expect, it } from "vitest";
import { createGate, openGateway, respondWith, streaming } from "./open-gateway.ts";

it("streams what the function writes, as it is written, with its status and headers", async () => {
  const paused = createGate();
  const { url } = await openGateway([["GET", "/s", "stream"]], {
    stream: streaming(async (stream) => {
      const body = respondWith(stream, { statusCode: 202, headers: { "content-type": "text/event-stream" }, cookies: ["a=1"] });
      body.write("data: 1\n\n");
      await paused.opened;
      body.end("data: 2\n\n");
    }),
  });

  const response = await fetch(`${url}/s`);
  const reader = response.body?.getReader();
  const first = new TextDecoder().decode((await reader?.read())?.value);
  paused.open();
  const second = new TextDecoder().decode((await reader?.read())?.value);

  expect(response.status).toBe(202);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.getSetCookie()).toEqual(["a=1"]);
  expect([first, second]).toEqual(["data: 1\n\n", "data: 2\n\n"]);
});

it("ends a stream that the function left open when it returned", async () => {
  const { url } = await openGateway([["GET", "/s", "stream"]], {
    stream: streaming(async (stream) => void respondWith(stream, { statusCode: 204 }).write("")),
  });

  expect((await fetch(`${url}/s`)).status).toBe(204);
});

it.each([
  [
    "throws before it begins",
    async () => {
      throw new Error("secret");
    },
  ],
  [
    "writes without a status",
    async (stream: Writable) => {
      stream.write("x");
      await new Promise((_, reject) => stream.once("error", reject));
    },
  ],
  ["ends without a write", async (stream: Writable) => void respondWith(stream, { statusCode: 204 }).end()],
])("answers 500 for a streaming function that %s", async (_, write) => {
  const { url } = await openGateway([["GET", "/s", "stream"]], { stream: streaming(write) });

  const response = await fetch(`${url}/s`);

  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({ status: 500, type: "/problems/internal" });
});

it("breaks a stream off when the function fails after it began", async () => {
  const { url } = await openGateway([["GET", "/s", "stream"]], {
    stream: streaming(async (stream) => {
      const body = respondWith(stream, { statusCode: 200 });
      await new Promise((resolve) => body.write("begun", resolve));
      throw new Error("lost");
    }),
  });

  const response = await fetch(`${url}/s`);

  await expect(response.text()).rejects.toThrow("terminated");
});

it("destroys the stream of a client that left", async () => {
  const destroyed = createGate();
  const { url } = await openGateway([["GET", "/s", "stream"]], {
    stream: streaming(async (stream) => {
      const body = respondWith(stream, { statusCode: 200 });
      body.write("begun");
      await new Promise<void>((resolve) => body.once("close", resolve));
      destroyed.open();
    }),
  });
  const leaving = new AbortController();

  const response = await fetch(`${url}/s`, { signal: leaving.signal });
  await response.body?.getReader().read();
  leaving.abort();

  await expect(destroyed.opened).resolves.toBeUndefined();
});

it("closes after the last answer, ending streams and idle connections", async () => {
  const [called, released] = [createGate(), createGate()];
  const slow = async () => {
    called.open();
    await released.opened;
    return { statusCode: 200, body: "done" };
  };
  const quick = () => ({ statusCode: 200, body: "quick" });
  const stream = streaming(async (out) => {
    const body = respondWith(out, { statusCode: 200 });
    body.write("begun");
    await new Promise<void>((resolve) => body.once("close", resolve));
  });
  const silent = streaming(async (out) => {
    await new Promise<void>((resolve) => out.once("close", resolve));
  });
  const { url, close } = await openGateway(
    [
      ["GET", "/slow", "slow"],
      ["GET", "/quick", "quick"],
      ["GET", "/stream", "stream"],
      ["GET", "/silent", "silent"],
    ],
    { slow: { handler: slow, timeoutSeconds: 29 }, quick: { handler: quick, timeoutSeconds: 29 }, stream, silent },
  );
  await (await fetch(`${url}/quick`)).text();
  const cutOff = fetch(`${url}/silent`).catch((error: unknown) => error);
  const streamed = (await fetch(`${url}/stream`)).text();
  const slowly = fetch(`${url}/slow`);
  await called.opened;

  const closing = close();
  const ended = await streamed;
  released.open();
  await closing;

  expect(ended).toBe("begun");
  expect(await (await slowly).text()).toBe("done");
  expect(await cutOff).toBeInstanceOf(TypeError);
  await expect(fetch(`${url}/quick`)).rejects.toThrow("fetch failed");
});

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AppError } from "../errors.ts";
import { addLogContext, log, setLogSink, withLogContext } from "./logger.ts";

let lines: Record<string, unknown>[] = [];

beforeEach(() => {
  lines = [];
  setLogSink((line) => lines.push(JSON.parse(line)));
});
afterEach(() => setLogSink((line) => process.stdout.write(`${line}\n`)));

describe("log", () => {
  test("writes level, time, message and fields as one JSON line", () => {
    log.info("request answered", { status: 200, durationMs: 12, cost: 5n });

    expect(lines).toEqual([
      { level: "info", time: expect.any(String), message: "request answered", status: 200, durationMs: 12, cost: "5" },
    ]);
  });

  test("leaves out lines below the level", () => {
    log.debug("details");

    expect(lines).toEqual([]);
  });

  test("puts the context of the surrounding work on every line, and none of another's", async () => {
    const handle = (requestId: string) =>
      withLogContext({ requestId }, async () => {
        await Promise.resolve();
        addLogContext({ userId: `user of ${requestId}` });
        log.info("seen");
      });

    await Promise.all([handle("a"), handle("b")]);

    expect(lines.map(({ requestId, userId }) => [requestId, userId])).toEqual([
      ["a", "user of a"],
      ["b", "user of b"],
    ]);
  });

  test("shows no secret, however deep and however its name is written", () => {
    log.info("login", {
      headers: { Authorization: "Bearer x" },
      body: [{ password: "x", apiKey: "x", access_token: "x", private_key: "x" }],
    });

    expect(JSON.stringify(lines)).not.toContain('"x"');
    expect(lines[0]).toMatchObject({ headers: { Authorization: "[redacted]" } });
  });

  test("keeps counts of tokens, which are no secrets", () => {
    log.info("usage", { input_tokens: 7, monkey: "capuchin" });

    expect(lines[0]).toMatchObject({ input_tokens: 7, monkey: "capuchin" });
  });

  test("writes an error with its whole chain of causes", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

    log.error("request failed", { error: new AppError("database-resuming", "not yet", { cause: refused }) });

    expect(lines[0]).toMatchObject({
      error: {
        name: "AppError",
        code: "database-resuming",
        message: "database-resuming: not yet",
        cause: { message: "connect ECONNREFUSED", code: "ECONNREFUSED" },
      },
    });
  });

  test("survives an object that holds itself", () => {
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;

    log.info("loop", { loop });

    expect(JSON.stringify(lines[0])).toContain("[cut]");
  });
});

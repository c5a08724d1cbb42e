import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { bindRoute } from "../../shared/platform/api/bind-route.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import { defineRoute, type Identity } from "../../shared/platform/api/route.ts";
import type { LookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { conflict } from "../../shared/platform/errors.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";
import { openLookupTable } from "../lookup-table.ts";
import { lambdaContext, proxyEvent } from "../proxy-event.ts";

const pia: Identity = { workspaceId: "0198c0de-0000-7000-8000-000000000001", userId: "0198c0de-0000-7000-8000-000000000002", scopes: [] };
const otherWorkspace = { ...pia, workspaceId: "0198c0de-0000-7000-8000-000000000003" };
const otherUser = { ...pia, userId: "0198c0de-0000-7000-8000-000000000004" };

const layEgg = defineRoute({
  id: "lay-egg",
  method: "POST",
  path: "/v1/eggs",
  zone: "mind",
  auth: "user",
  scopes: [],
  summary: "Lay an egg",
  body: z.strictObject({ colour: z.string() }),
  status: 201,
  response: z.strictObject({ id: z.string() }),
  idempotent: true,
});

let table: LookupTable;
let close: () => Promise<void>;
let laid: string[] = [];
let lay: (id: string) => Promise<void>;
let clock = new Date("2026-03-01T12:00:00Z");
let key = 0;

beforeAll(async () => {
  ({ table, close } = await openLookupTable());
  setLogSink(() => undefined);
});
afterAll(async () => {
  setLogSink((line) => process.stdout.write(`${line}\n`));
  await close();
});
beforeEach(() => {
  laid = [];
  lay = async () => undefined;
  clock = new Date("2026-03-01T12:00:00Z");
  key += 1;
});

function handlerWith(lookups: LookupTable) {
  const binding = bindRoute(layEgg, async (_request, newId) => {
    await lay(newId);
    laid.push(newId);
    return { body: { id: newId }, headers: { location: `/v1/eggs/${newId}` } };
  });
  return handleService("aviary", [binding], { answerOnce: answerOnce(lookups), now: () => clock });
}

async function post(colour: string, options: { identity?: Identity; key?: string; lookups?: LookupTable } = {}) {
  const headers = { "Idempotency-Key": options.key ?? `key-${key}` };
  const event = proxyEvent("POST", layEgg.path, { identity: options.identity ?? pia, headers, body: { colour } });
  const answer = await handlerWith(options.lookups ?? table)(event, lambdaContext);
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) };
}

describe("a request with an Idempotency-Key", () => {
  test("sent again gets the first answer and does nothing", async () => {
    const first = await post("blue");
    const second = await post("blue");

    expect(laid).toHaveLength(1);
    expect(second).toEqual({ ...first, headers: { ...first.headers, "idempotency-replayed": "true" } });
    expect(first.headers).toMatchObject({ location: `/v1/eggs/${laid[0]}` });
  });

  test("is refused when the key was used for another request or by another user", async () => {
    await post("blue");

    expect(await post("green")).toMatchObject({ status: 409, body: { type: "/problems/idempotency-conflict" } });
    expect(await post("blue", { identity: otherUser })).toMatchObject({ status: 409, body: { type: "/problems/idempotency-conflict" } });
  });

  test("has nothing to do with the same key of another workspace", async () => {
    const first = await post("blue");
    const second = await post("blue", { identity: otherWorkspace });

    expect(second.body.id).not.toBe(first.body.id);
    expect(laid).toHaveLength(2);
  });

  test("sent twice at once is carried out once; the other is told to wait", async () => {
    let finish = () => {};
    const waiting = new Promise<void>((resolve) => (finish = resolve));
    let started = () => {};
    const running = new Promise<void>((resolve) => (started = resolve));
    lay = async () => {
      started();
      await waiting;
    };

    const first = post("blue");
    await running;
    const second = await post("blue");
    finish();

    expect(second).toMatchObject({ status: 409, headers: { "retry-after": "1" }, body: { type: "/problems/idempotency-in-progress" } });
    expect((await first).status).toBe(201);
    expect(laid).toHaveLength(1);
  });

  test("of eight racers is carried out by exactly one", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => post("blue")));

    expect(laid).toHaveLength(1);
    expect(answers.filter(({ status, headers }) => status === 201 && headers["idempotency-replayed"] === undefined)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
  });

  test("that failed leaves its key free", async () => {
    lay = async () => {
      throw conflict("The nest is taken");
    };
    const failed = await post("blue");
    lay = async () => undefined;
    const second = await post("blue");

    expect(failed.status).toBe(409);
    expect(second.status).toBe(201);
    expect(second.headers).not.toHaveProperty("idempotency-replayed");
  });

  test("whose function died is carried out again a minute later, under the same id", async () => {
    const ids: string[] = [];
    lay = async (id) => {
      ids.push(id);
      if (ids.length === 1) await new Promise(() => undefined);
    };
    void post("blue");
    await expect.poll(() => ids.length).toBe(1);

    clock = new Date(clock.getTime() + 59_000);
    const early = await post("blue");
    clock = new Date(clock.getTime() + 2_000);
    const late = await post("blue");

    expect(early.status).toBe(409);
    expect(late.status).toBe(201);
    expect(ids).toEqual([ids[0], ids[0]]);
  });

  test("is new again after a day, whether or not DynamoDB has cleaned up", async () => {
    await post("blue");
    clock = new Date(clock.getTime() + 24 * 3_600_000 + 1_000);
    const next = await post("green");

    expect(next.status).toBe(201);
    expect(laid).toHaveLength(2);
  });

  test("is answered though its answer cannot be kept", async () => {
    lay = async () => {
      broken = true;
    };
    let broken = false;
    const failing: LookupTable = {
      name: () => (broken ? "no-such-table" : table.name()),
      client: table.client,
    };

    expect(await post("blue", { lookups: failing })).toMatchObject({ status: 201 });
  });

  test("is refused when the key is no key", async () => {
    for (const bad of ["", " ", "ä", "x".repeat(256)]) expect(await post("blue", { key: bad })).toMatchObject({ status: 400 });
    expect(laid).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registerUser } from "../../shared/auth/register-user.ts";
import { bindMemories } from "../../shared/memory/bind-memories.ts";
import { recallMemories } from "../../shared/memory/recall-memories.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import type { Identity } from "../../shared/platform/api/route.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";
import { openTestDatabase } from "../database.ts";
import { openLookupTable } from "../lookup-table.ts";
import { type EventParts, lambdaContext, proxyEvent } from "../proxy-event.ts";

let database: Database;
let handler: ReturnType<typeof handleService>;
let clock = new Date("2026-03-01T12:00:00Z");
let close: () => Promise<void>;
let people = 0;

beforeAll(async () => {
  setLogSink(() => undefined);
  const [opened, lookups] = await Promise.all([openTestDatabase(), openLookupTable()]);
  database = opened.database;
  handler = handleService(
    "memory",
    bindMemories(async () => database),
    { answerOnce: answerOnce(lookups.table), now: () => clock },
  );
  close = async () => {
    await Promise.all([opened.close(), lookups.close()]);
  };
});
afterAll(async () => {
  setLogSink((line) => process.stdout.write(`${line}\n`));
  await close();
});

/** A person in a workspace without anything else. */
async function newcomer(): Promise<Identity> {
  people += 1;
  const id = uuidv7();
  const registration = { id, email: `p${people}@example.com`, username: `p${people}`, password: "x", workspaceName: undefined, now: clock };
  await registerUser(
    { openDb: async () => database, registration: () => "open" as const, joinWorkspace: async () => undefined, newId: uuidv7 },
    registration,
  );
  return { workspaceId: id, userId: id, scopes: ["memories:read", "memories:write"] };
}

async function call(method: string, path: string, parts: EventParts) {
  const answer = await handler(proxyEvent(method, path, parts), lambdaContext);
  return { status: answer.statusCode, headers: answer.headers, body: answer.body === "" ? undefined : JSON.parse(answer.body) };
}
const store = (identity: Identity, body: object, headers: Record<string, string> = {}) =>
  call("POST", "/v1/memories", { identity, body, headers });
const get = (identity: Identity, id: string) => call("GET", "/v1/memories/{memory_id}", { identity, params: { memory_id: id } });
const remove = (identity: Identity, id: string) => call("DELETE", "/v1/memories/{memory_id}", { identity, params: { memory_id: id } });
const retrieve = (identity: Identity, query: Record<string, string>) => call("GET", "/v1/memories", { identity, query });
const contents = ({ body }: { body: { items: { content: string }[] } }) => body.items.map(({ content }) => content);

async function storeAll(identity: Identity, texts: readonly string[]): Promise<void> {
  for (const content of texts) {
    clock = new Date(clock.getTime() + 1_000);
    expect((await store(identity, { content })).status).toBe(201);
  }
}

describe("a memory", () => {
  test("comes back as it was stored, with what was not said filled in", async () => {
    const pia = await newcomer();
    const stored = await store(pia, { content: "Gentoo penguins weigh 5 kg", metadata: { "a/b": [1, { c: null }] }, confidence: 0.7 });

    expect(stored).toMatchObject({ status: 201, headers: { location: `/v1/memories/${stored.body.id}` } });
    expect(stored.body).toEqual({
      id: expect.any(String),
      user_id: pia.userId,
      run_id: null,
      content: "Gentoo penguins weigh 5 kg",
      memory_type: "long_term",
      scope: "user",
      metadata: { "a/b": [1, { c: null }] },
      source: null,
      confidence: 0.7,
      is_sensitive: false,
      created_at: clock.toISOString(),
      updated_at: clock.toISOString(),
      expires_at: null,
    });
    expect((await get(pia, stored.body.id)).body).toEqual(stored.body);
  });

  test("is stored once when its request is sent again with the same key", async () => {
    const pia = await newcomer();
    const first = await store(pia, { content: "once" }, { "idempotency-key": "k" });
    const second = await store(pia, { content: "once" }, { "idempotency-key": "k" });

    expect(second.body).toEqual(first.body);
    expect(contents(await retrieve(pia, {}))).toEqual(["once"]);
  });

  test("is gone when it was deleted, and cannot be deleted again", async () => {
    const pia = await newcomer();
    const { body } = await store(pia, { content: "forget me" });

    expect((await remove(pia, body.id)).status).toBe(204);
    expect((await get(pia, body.id)).status).toBe(404);
    expect((await remove(pia, body.id)).status).toBe(404);
  });

  test("of another workspace is nowhere: not by id, not in lists, not in searches, not to be deleted", async () => {
    const [pia, otto] = await Promise.all([newcomer(), newcomer()]);
    const { body } = await store(pia, { content: "the secret gentoo", scope: "global" });

    expect((await get(otto, body.id)).status).toBe(404);
    expect((await remove(otto, body.id)).status).toBe(404);
    expect(contents(await retrieve(otto, {}))).toEqual([]);
    expect(contents(await retrieve(otto, { query: "gentoo" }))).toEqual([]);
    expect((await get(pia, body.id)).status).toBe(200);
  });

  test("of a colleague is visible only when it is for everybody, and never deleted by another", async () => {
    const pia = await newcomer();
    const colleague = { ...(await newcomer()), workspaceId: pia.workspaceId };
    const own = await store(pia, { content: "gentoo for me" });
    const shared = await store(pia, { content: "gentoo for all", scope: "global" });

    expect((await get(colleague, own.body.id)).status).toBe(404);
    expect(contents(await retrieve(colleague, { query: "gentoo" }))).toEqual(["gentoo for all"]);
    expect((await remove(colleague, shared.body.id)).status).toBe(404);
  });

  test("cannot be seen from the moment it expires", async () => {
    const pia = await newcomer();
    const { body } = await store(pia, { content: "today's gentoo", expires_at: new Date(clock.getTime() + 60_000).toISOString() });
    expect((await get(pia, body.id)).status).toBe(200);

    clock = new Date(clock.getTime() + 60_000);

    expect((await get(pia, body.id)).status).toBe(404);
    expect(contents(await retrieve(pia, { query: "gentoo" }))).toEqual([]);
    expect(contents(await retrieve(pia, {}))).toEqual([]);
  });

  test("may be as long as the limit, in bytes and however it is escaped, and no longer", async () => {
    const pia = await newcomer();
    const event = proxyEvent("POST", "/v1/memories", { identity: pia, headers: { "content-type": "application/json" } });
    const escaped = await handler({ ...event, body: `{"content":"${"\\u0061".repeat(65_536)}"}` }, lambdaContext);

    expect(escaped.statusCode).toBe(201);
    expect((await store(pia, { content: "ä".repeat(32_769) })).body.errors).toMatchObject([{ pointer: "#/content" }]);
    expect((await store(pia, { content: "x".repeat(600_000) })).status).toBe(413);
  });

  test.each([
    ["nothing", { content: " \n" }, "#/content"],
    ["no text", { content: 7 }, "#/content"],
    ["a type that is none", { content: "x", memory_type: "fact" }, "#/memory_type"],
    ["a scope that is none", { content: "x", scope: "public" }, "#/scope"],
    ["more certainty than there is", { content: "x", confidence: 1.1 }, "#/confidence"],
    ["a list of metadata", { content: "x", metadata: [] }, "#/metadata"],
    ["too much metadata", { content: "x", metadata: { long: "x".repeat(16_400) } }, "#/metadata"],
    ["an expiry that has passed", { content: "x", expires_at: "2020-01-01T00:00:00Z" }, "#/expires_at"],
    ["an owner", { content: "x", user_id: uuidv7() }, "#/user_id"],
    ["NUL", { content: "a\0b" }, "#/content"],
    ["half of a surrogate pair in its metadata", { content: "x", metadata: { key: "\ud800" } }, "#/metadata/key"],
  ])("that says %s is refused", async (_, body, pointer) => {
    const { status, body: problem } = await store(await newcomer(), body);

    expect(status).toBe(400);
    expect(problem.errors).toMatchObject([{ pointer }]);
  });
});

describe("retrieving", () => {
  test("without a query lists the newest first, page by page, each once", async () => {
    const pia = await newcomer();
    await storeAll(pia, ["one", "two", "three", "four", "five"]);

    const first = await retrieve(pia, { limit: "2" });
    const second = await retrieve(pia, { limit: "2", cursor: first.body.next_cursor });
    const third = await retrieve(pia, { limit: "2", cursor: second.body.next_cursor });

    expect([first, second, third].map(contents)).toEqual([["five", "four"], ["three", "two"], ["one"]]);
    expect(third.body.next_cursor).toBeNull();
    expect(first.body.items[0]).toHaveProperty("relevance", null);
  });

  test("goes on within the same millisecond", async () => {
    const pia = await newcomer();
    for (const content of ["a", "b", "c"]) await store(pia, { content });

    const first = await retrieve(pia, { limit: "2" });
    const rest = await retrieve(pia, { limit: "2", cursor: first.body.next_cursor });

    expect([...contents(first), ...contents(rest)].toSorted()).toEqual(["a", "b", "c"]);
  });

  test("with a query gives what matches, the better the earlier, in any form of the word", async () => {
    const pia = await newcomer();
    await storeAll(pia, ["A penguin was weighed once", "Penguins, penguins, nothing but penguins", "Albatrosses glide"]);

    const found = await retrieve(pia, { query: "penguins" });

    expect(contents(found)).toEqual(["Penguins, penguins, nothing but penguins", "A penguin was weighed once"]);
    expect(found.body.items[0].relevance).toBeGreaterThan(found.body.items[1].relevance);
    expect(contents(await retrieve(pia, { query: "penguins", limit: "1" }))).toHaveLength(1);
  });

  test("understands phrases, or, and not", async () => {
    const pia = await newcomer();
    await storeAll(pia, ["body mass of gentoo", "mass of the body", "albatross wings"]);

    expect(contents(await retrieve(pia, { query: '"body mass"' }))).toEqual(["body mass of gentoo"]);
    expect(contents(await retrieve(pia, { query: "gentoo or albatross" })).toSorted()).toEqual(["albatross wings", "body mass of gentoo"]);
    expect(contents(await retrieve(pia, { query: "mass -gentoo" }))).toEqual(["mass of the body"]);
  });

  test.each(["", "the of and", "!!! & | <-> ( '' \\", '"', "%", "x".repeat(2_000)])(
    "survives a query that means nothing (%j)",
    async (query) => {
      const pia = await newcomer();
      await storeAll(pia, ["something"]);

      expect(await retrieve(pia, { query })).toMatchObject({ status: 200, body: { items: [], next_cursor: null } });
    },
  );

  test("filters by type and scope, with a query and without", async () => {
    const pia = await newcomer();
    await store(pia, { content: "semantic gentoo", memory_type: "semantic" });
    await store(pia, { content: "global gentoo", scope: "global" });

    expect(contents(await retrieve(pia, { memory_type: "semantic" }))).toEqual(["semantic gentoo"]);
    expect(contents(await retrieve(pia, { scope: "global", query: "gentoo" }))).toEqual(["global gentoo"]);
    expect(contents(await retrieve(pia, { scope: "task" }))).toEqual([]);
  });

  test.each([
    { limit: "0" },
    { limit: "101" },
    { memory_type: "fact" },
    { cursor: "forged" },
    { query: "x".repeat(2_001) },
    { user_id: uuidv7() },
  ])("refuses %j", async (query) => {
    expect((await retrieve(await newcomer(), query)).status).toBe(400);
  });
});

describe("recall", () => {
  const recall = (workspaceId: string, query: string, options: { limit?: number; userId?: string } = {}) =>
    database.transact({ role: "engine", workspaceId }, async (db) => {
      const found = await recallMemories(db, {
        workspaceId,
        query,
        limit: options.limit ?? 5,
        now: clock,
        ...(options.userId === undefined ? {} : { userId: options.userId }),
      });
      return found.map(({ content }) => content);
    });

  test("finds by any word that a goal shares with a memory, the most shared first", async () => {
    const { workspaceId, ...pia } = await newcomer();
    await storeAll({ workspaceId, ...pia }, [
      "Goal: count the rows of islands.csv",
      "Goal: compute the mean body mass of penguins per species",
      "Goal: bake bread",
    ]);

    expect(await recall(workspaceId, "Please compute the median body mass of all penguins and count them")).toEqual([
      "Goal: compute the mean body mass of penguins per species",
      "Goal: count the rows of islands.csv",
    ]);
  });

  test("works with one word, and finds nothing for words that say nothing", async () => {
    const pia = await newcomer();
    await storeAll(pia, ["penguins of the south"]);

    expect(await recall(pia.workspaceId, "penguin")).toEqual(["penguins of the south"]);
    expect(await recall(pia.workspaceId, "of the and")).toEqual([]);
    expect(await recall(pia.workspaceId, "")).toEqual([]);
    expect(await recall(pia.workspaceId, "it's o'clock \\ ' & | !")).toEqual([]);
  });

  test("takes a goal of any length", async () => {
    const pia = await newcomer();
    await storeAll(pia, ["penguins"]);

    expect(await recall(pia.workspaceId, `penguins ${"word ".repeat(40_000)}`)).toEqual(["penguins"]);
  });

  test("leaves out what is sensitive, what has expired, and what is another's", async () => {
    const pia = await newcomer();
    const colleague = { ...(await newcomer()), workspaceId: pia.workspaceId };
    await store(pia, { content: "sensitive penguin", is_sensitive: true });
    await store(pia, { content: "old penguin", expires_at: new Date(clock.getTime() + 1).toISOString() });
    await store(pia, { content: "own penguin" });
    await store(colleague, { content: "colleague's penguin" });
    await store(colleague, { content: "everybody's penguin", scope: "global" });
    clock = new Date(clock.getTime() + 1);

    const found = await recall(pia.workspaceId, "penguin", { userId: pia.userId });

    expect(found.toSorted()).toEqual(["everybody's penguin", "own penguin"]);
  });

  test("sees nothing of another workspace, even where the statement would ask for it", async () => {
    const [pia, otto] = await Promise.all([newcomer(), newcomer()]);
    await storeAll(pia, ["secret penguin"]);

    const found = await database.transact({ role: "engine", workspaceId: otto.workspaceId }, (db) =>
      recallMemories(db, { workspaceId: pia.workspaceId, query: "penguin", limit: 5, now: clock }),
    );

    expect(found).toEqual([]);
  });
});

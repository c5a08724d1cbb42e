import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { createAuthenticate } from "../../shared/auth/authenticate.ts";
import { bindAccounts } from "../../shared/auth/bind-accounts.ts";
import { bindApiKeys } from "../../shared/auth/bind-api-keys.ts";
import { createAdmin } from "../../shared/auth/create-admin.ts";
import type { AuthDeps } from "../../shared/auth/deps.ts";
import { putJwks } from "../../shared/auth/lookups.ts";
import { generateSigningKey, readSigningKey } from "../../shared/auth/signing-key.ts";
import { joinWorkspace } from "../../shared/orchestration/runs/join-workspace.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import type { Identity } from "../../shared/platform/api/route.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";
import { openTestDatabase } from "../database.ts";
import { openLookupTable } from "../lookup-table.ts";
import { type EventParts, lambdaContext, proxyEvent } from "../proxy-event.ts";

let database: Database;
let deps: AuthDeps;
let handler: ReturnType<typeof handleService>;
let authenticate: ReturnType<typeof createAuthenticate>;
let close: () => Promise<void>;

beforeAll(async () => {
  setLogSink(() => undefined);
  const [opened, lookups, key] = await Promise.all([openTestDatabase(), openLookupTable(), generateSigningKey().then(readSigningKey)]);
  database = opened.database;
  await putJwks(lookups.table, [key.publicJwk]);
  deps = {
    openDb: async () => database,
    lookups: lookups.table,
    getKeys: async () => ({ signing: key, published: [key.publicJwk] }),
    registration: () => "open",
    joinWorkspace,
    newId: uuidv7,
  };
  handler = handleService("auth", [...bindAccounts(deps), ...bindApiKeys(deps)]);
  authenticate = createAuthenticate(lookups.table);
  close = async () => {
    await Promise.all([opened.close(), lookups.close()]);
  };
});
afterAll(async () => {
  setLogSink((line) => process.stdout.write(`${line}\n`));
  await close();
});

async function call(method: string, path: string, parts: EventParts = {}) {
  const answer = await handler(proxyEvent(method, path, parts), lambdaContext);
  return { status: answer.statusCode, body: answer.body === "" ? undefined : JSON.parse(answer.body) };
}

const password = "correct horse battery";
async function register(name: string, changes: object = {}) {
  return call("POST", "/v1/auth/register", { body: { email: `${name}@example.com`, username: name, password, ...changes } });
}

/** What the authorizer tells the handler about a credential. */
async function identify(credential: string): Promise<Identity> {
  const identity = await authenticate(`Bearer ${credential}`, new Date());
  if (identity === undefined) throw new Error("the credential was refused");
  return identity;
}

async function registerAndLogIn(name: string): Promise<Identity> {
  const { body } = await register(name);
  return identify(body.token.access_token);
}

describe("registering", () => {
  test("makes a person who is in at once, in a workspace of the same id", async () => {
    const { status, body } = await register("Ada", { email: "Ada@Example.com" });
    const identity = await identify(body.token.access_token);
    const me = await call("GET", "/v1/auth/me", { identity });

    expect(status).toBe(201);
    expect(body.user).toMatchObject({ email: "ada@example.com", username: "ada", workspace_id: body.user.id });
    expect(identity).toMatchObject({ userId: body.user.id, workspaceId: body.user.id });
    expect(identity.scopes).not.toContain("admin");
    expect(me.body).toMatchObject({ user: { id: body.user.id, last_login_at: expect.any(String) }, session_id: identity.sessionId });
  });

  test("gives the workspace its four agents and its budget", async () => {
    const { workspaceId, userId } = await registerAndLogIn("bea");

    const counts = await database.transact({ role: "app", workspaceId, userId }, async (db) => {
      const { rows } = await db.query(
        "SELECT (SELECT count(*)::int FROM agents) AS agents, (SELECT count(*)::int FROM budgets) AS budgets",
      );
      return z.tuple([z.object({ agents: z.int(), budgets: z.int() })]).parse(rows)[0];
    });

    expect(counts).toEqual({ agents: 4, budgets: 1 });
  });

  test("is refused for an email or a user name that is taken, in whatever letters", async () => {
    await register("cleo");

    expect((await register("cleo2", { email: "CLEO@example.com" })).status).toBe(409);
    expect((await register("CLEO", { email: "other@example.com" })).status).toBe(409);
  });

  test("at the same moment with the same name lets exactly one in, and leaves nothing of the other", async () => {
    const answers = await Promise.all([register("dora"), register("dora")]);

    expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([201, 409]);
  });

  test("leaves nothing behind when the workspace cannot be furnished", async () => {
    const broken = handleService(
      "auth",
      bindAccounts({ ...deps, joinWorkspace: async () => Promise.reject(new Error("no agents today")) }),
    );
    const body = { email: "eve@example.com", username: "eve", password };
    const failed = await broken(proxyEvent("POST", "/v1/auth/register", { body }), lambdaContext);

    expect(failed.statusCode).toBe(500);
    expect((await register("eve")).status).toBe(201);
  });

  test.each([
    ["an email that is none", { email: "nobody" }, "#/email"],
    ["a short password", { password: "1234567" }, "#/password"],
    ["a password of more than 72 bytes", { password: "ä".repeat(37) }, "#/password"],
    ["a user name with spaces", { username: "two words" }, "#/username"],
    ["a scope for itself", { scopes: ["admin"] }, "#/scopes"],
    ["an id of its own choice", { id: uuidv7() }, "#/id"],
  ])("is refused with %s", async (_, changes, pointer) => {
    const { status, body } = await register("frank", changes);

    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ pointer }]);
  });
});

describe("logging in", () => {
  const logIn = (email: string, word: string) => call("POST", "/v1/auth/login", { body: { email, password: word } });

  test("gives a token for the right password, whatever the letters of the email", async () => {
    const { body } = await register("gina");
    const answer = await logIn("GINA@example.com", password);

    expect(answer).toMatchObject({ status: 200, body: { token_type: "Bearer", expires_in: 3600 } });
    expect(await identify(answer.body.access_token)).toMatchObject({ userId: body.user.id });
  });

  test("says the same of a wrong password as of an unknown email", async () => {
    await register("hana");
    const wrong = await logIn("hana@example.com", "wrong horse battery");
    const unknown = await logIn("nobody@example.com", password);

    expect(wrong.status).toBe(401);
    expect(unknown).toEqual(wrong);
  });

  test("is over for a closed account, as is looking at it", async () => {
    const identity = await registerAndLogIn("ines");
    await database.transact({ role: "app", ...identity }, (db) =>
      db.query("UPDATE users SET is_active = false WHERE id = $1", [identity.userId]),
    );

    expect((await logIn("ines@example.com", password)).status).toBe(401);
    expect((await call("GET", "/v1/auth/me", { identity })).status).toBe(401);
  });
});

describe("API keys", () => {
  const create = (identity: Identity, body: object) => call("POST", "/v1/auth/api-keys", { identity, body });
  const list = (identity: Identity, query: Record<string, string> = {}) => call("GET", "/v1/auth/api-keys", { identity, query });
  const remove = (identity: Identity, id: string) => call("DELETE", "/v1/auth/api-keys/{key_id}", { identity, params: { key_id: id } });

  test("are shown once, work, and may do what was asked for and no more", async () => {
    const owner = await registerAndLogIn("jana");
    const { status, body } = await create(owner, { name: "laptop", scopes: ["runs:read"] });
    const listed = await list(owner);

    expect(status).toBe(201);
    expect(body.key).toMatch(/^cos_[\w-]{43}$/);
    expect(await identify(body.key)).toEqual({ userId: owner.userId, workspaceId: owner.workspaceId, scopes: ["runs:read"] });
    expect(listed.body.items).toEqual([
      { id: body.id, name: "laptop", prefix: body.key.slice(0, 12), scopes: ["runs:read"], created_at: body.created_at, expires_at: null },
    ]);
    expect(JSON.stringify(listed.body)).not.toContain(body.key);
  });

  test("may do what their maker may, unless told, and never more", async () => {
    const owner = await registerAndLogIn("kira");
    const narrow = { ...owner, scopes: ["keys:write", "runs:read"] };

    expect((await create(narrow, { name: "a" })).body.scopes).toEqual(["runs:read", "keys:write"]);
    expect((await create(narrow, { name: "b", scopes: ["runs:write"] })).status).toBe(403);
    expect((await create(owner, { name: "c", scopes: ["admin"] })).status).toBe(403);
    expect((await create(owner, { name: "d", scopes: ["everything"] })).status).toBe(400);
    expect((await create({ ...owner, scopes: ["runs:read"] }, { name: "e" })).status).toBe(403);
  });

  test("stop working when they are revoked, and cannot be revoked twice or by somebody else", async () => {
    const owner = await registerAndLogIn("lena");
    const stranger = await registerAndLogIn("mallory");
    const { body } = await create(owner, { name: "lost" });

    expect((await remove(stranger, body.id)).status).toBe(404);
    expect(await identify(body.key)).toBeDefined();
    expect((await remove(owner, body.id)).status).toBe(204);
    await expect(identify(body.key)).rejects.toThrow("refused");
    expect((await remove(owner, body.id)).status).toBe(404);
    expect((await list(owner)).body.items).toEqual([]);
  });

  test("expire when they were told to, which must be in the future", async () => {
    const owner = await registerAndLogIn("nora");
    const expires = new Date(Date.now() + 60_000);
    const { body } = await create(owner, { name: "short", expires_at: expires.toISOString() });

    expect(body.expires_at).toBe(expires.toISOString());
    expect(await authenticate(`Bearer ${body.key}`, new Date(expires.getTime() + 1_000))).toBeUndefined();
    expect((await create(owner, { name: "late", expires_at: "2020-01-01T00:00:00Z" })).body.errors).toMatchObject([
      { pointer: "#/expires_at" },
    ]);
  });

  test("are listed newest first, page by page, and only the own", async () => {
    const owner = await registerAndLogIn("olga");
    await create(await registerAndLogIn("pam"), { name: "not hers" });
    for (const name of ["one", "two", "three"]) await create(owner, { name });

    const first = await list(owner, { limit: "2" });
    const second = await list(owner, { limit: "2", cursor: first.body.next_cursor });

    expect(first.body.items.map(({ name }: { name: string }) => name)).toEqual(["three", "two"]);
    expect(second.body).toMatchObject({ items: [{ name: "one" }], next_cursor: null });
    expect((await list(owner, { cursor: "forged" })).status).toBe(400);
  });

  test("that the authorizer could not be told of are listed and do not work", async () => {
    const owner = await registerAndLogIn("rosa");
    const failing = handleService("auth", bindApiKeys({ ...deps, lookups: { ...deps.lookups, name: () => "no-such-table" } }));
    const answer = await failing(proxyEvent("POST", "/v1/auth/api-keys", { identity: owner, body: { name: "half" } }), lambdaContext);

    expect(answer.statusCode).toBe(500);
    expect((await list(owner)).body.items).toMatchObject([{ name: "half" }]);
  });
});

test("the keys that tokens are signed with are public, without their private half", async () => {
  const { body } = await call("GET", "/v1/auth/jwks");

  expect(body.keys).toEqual((await deps.getKeys()).published);
  expect(JSON.stringify(body)).not.toContain('"d"');
});

test("the admin of an embedded installation may do everything, and gets another key when the first was lost", async () => {
  const first = await createAdmin(deps, new Date());
  const second = await createAdmin(deps, new Date());

  expect(await identify(first.apiKey)).toMatchObject({ userId: first.userId, scopes: expect.arrayContaining(["admin", "runs:write"]) });
  expect(second.userId).toBe(first.userId);
  expect(await identify(second.apiKey)).toMatchObject({ userId: first.userId });
  expect(second.apiKey).not.toBe(first.apiKey);
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { routeTable } from "../../functions/route-table.ts";
import { pathParameters, type Route } from "../../shared/platform/api/route.ts";
import { openApi, type Sent } from "./api.ts";
import { expectProblem } from "./problem.ts";
import { getRun, pursueGoal } from "./runs.ts";
import { sampleValue } from "./sample-value.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let owner: Person;
let stranger: Person;
/** What the owner's resources are called in paths and queries. A parameter that is not here fails the tests below. */
let owned: Readonly<Record<string, string>>;
/** The run of which something waits in the inbox; the one above has ended. */
let waiting: string;
/** Everything that only an answer to the owner may hold. */
let secrets: string[];

const Id = z.object({ id: z.uuid() });

beforeAll(async () => {
  server = await startServer();
  [owner, stranger] = await Promise.all([signUp(server.url, "owner"), signUp(server.url, "stranger")]);
  const goal = "1. Compute 19 * 23. 2. Using step 1, write the result to kumquat.md";
  const run = await pursueGoal(owner, goal, { files: [{ path: "quince.txt", content: "medlar" }] });
  const memory = await owner.post("/v1/memories", { content: "The medlar is bletted", scope: "global" }, Id);
  const key = await owner.post("/v1/auth/api-keys", { name: "loquat" }, Id);
  const { agents } = await owner.get("/v1/agents", z.object({ agents: z.array(Id) }));
  const [agent] = agents;
  const task = run.tasks.find((one) => one.kind === "executor");
  const execution = await owner.post("/v1/tools/read_file", { path: "quince.txt", run_id: run.id }, Id);
  await owner.call("PUT", "/v1/approvals/settings", { body: { tools: ["write_file"], expires_seconds: 3_600 } });
  await owner.post("/v1/tools/write_file", { path: "quince.txt", content: "sorb" }, Id);
  const inbox = await owner.get("/v1/inbox", z.object({ items: z.array(z.object({ id: z.uuid(), run_id: z.uuid() })) }));
  waiting = inbox.items[0]?.run_id ?? "";
  owned = {
    item_id: inbox.items[0]?.id ?? "",
    user_id: owner.id,
    run_id: run.id,
    task_id: task?.id ?? "",
    parent_task_id: run.task_id,
    memory_id: memory.id,
    key_id: key.id,
    agent_id: agent?.id ?? "",
    execution_id: execution.id,
    path: "quince.txt",
  };
  secrets = [
    ...Object.values(owned),
    owner.id,
    run.task_id,
    "kumquat",
    "medlar",
    "loquat",
    "owner@example.org",
    ...agents.map(({ id }) => id),
  ];
  secrets.push(...run.tasks.map(({ id }) => id), ...run.memories.map(({ id }) => id));
}, 60_000);
afterAll(() => server.close());

const closed = routeTable.map(({ route }) => route).filter((route) => route.auth === "user");
const nameOf = ({ method, path }: Route) => `${method} ${path}`;
const withParameters = closed.filter(({ path }) => pathParameters(path).length > 0);
const others = closed.filter(({ path }) => pathParameters(path).length === 0);

function ownedPath({ path }: Route): string {
  return path.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => {
    const value = owned[name];
    if (value === undefined) throw new Error(`there is no fixture for the path parameter ${name}`);
    return value;
  });
}

function sampleRequest(route: Route): Sent {
  if (route.rawBody === true) return { body: "bytes" };
  if (route.body === undefined) return {};
  const body = z.record(z.string(), z.json()).parse(sampleValue(route.body));
  for (const name of Object.keys(body)) if (name.endsWith("_id")) body[name] = owned[name] ?? "";
  return { body };
}

/** Long polls answer at once. */
function sampleQuery({ query }: Route): string {
  if (query !== undefined && "with" in query.shape) return `?with=${owned["run_id"]}`;
  return query !== undefined && "wait" in query.shape ? "?wait=0" : "";
}

function expectNothingOfOwner(text: string): void {
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
}

describe("somebody else's ids", () => {
  test.for(withParameters.map((route) => [nameOf(route), route] as const))("are unknown to %s", async ([, route]) => {
    const reply = await stranger.call(route.method, ownedPath(route) + sampleQuery(route), sampleRequest(route));

    const { detail } = expectProblem(reply, 404, "not-found");
    expectNothingOfOwner(detail ?? "");
  });

  const withIdInBody = closed.flatMap((route) => {
    const names = route.body instanceof z.ZodObject ? Object.keys(route.body.shape).filter((name) => name.endsWith("_id")) : [];
    return names.map((name) => [nameOf(route), name, route] as const);
  });

  test.for(withIdInBody)("are unknown to %s when its body names %s", async ([, name, route]) => {
    const { body } = sampleRequest(route);
    const reply = await stranger.call(route.method, route.path, {
      body: { ...z.record(z.string(), z.json()).parse(body), [name]: owned[name] },
    });

    const { detail } = expectProblem(reply, 404, "not-found");
    expectNothingOfOwner(detail ?? "");
  });

  const uuidFilters = others.flatMap((route) =>
    Object.keys(route.query?.shape ?? {}).flatMap((name) => (name.endsWith("_id") ? [[nameOf(route), name, route] as const] : [])),
  );

  test.for(uuidFilters)("find nothing by %s with %s", async ([, name, route]) => {
    const id = route.id === "list-inbox" ? waiting : ownedFilter(name);
    const own = await owner.call(route.method, `${route.path}?${name}=${id}`);
    const foreign = await stranger.call(route.method, `${route.path}?${name}=${id}`);

    expect(own.text).toContain(id);
    expect({ status: foreign.status, body: foreign.body }).toEqual({ status: 200, body: { items: [], next_cursor: null } });
  });

  function ownedFilter(name: string): string {
    const value = owned[name];
    if (value === undefined) throw new Error(`there is no fixture for the query parameter ${name}`);
    return value;
  }
});

describe("what is somebody else's", () => {
  const lists = others.filter((route) => route.method === "GET");

  test.for(lists.map((route) => [nameOf(route), route] as const))("is not shown by %s", async ([, route]) => {
    const reply = await stranger.call(route.method, route.path);

    expect(reply.status).toBe(200);
    expectNothingOfOwner(reply.text);
  });

  const pages = lists.filter(({ query }) => query !== undefined && "cursor" in query.shape);

  test.for(pages.map((route) => [nameOf(route), route] as const))(
    "is not on the pages of %s that its cursors lead to",
    async ([, route]) => {
      const page = await owner.call("GET", `${route.path}?limit=1`);
      const { items } = z.object({ items: z.array(Id) }).parse(page.body);
      const cursor = z.object({ next_cursor: z.string().nullable() }).parse(page.body).next_cursor ?? makeCursor(items[0]?.id);

      const reply = await stranger.call("GET", `${route.path}?cursor=${cursor}`);

      expect(items).toHaveLength(1);
      expectNothingOfOwner(reply.text);
    },
  );

  test("is not found by a search for its words", async () => {
    const found = await stranger.call("GET", "/v1/memories?query=medlar");

    expect(found.body).toEqual({ items: [], next_cursor: null });
  });

  test("is not recalled by their runs", async () => {
    const run = await pursueGoal(stranger, "1. Compute 19 * 23");

    expectNothingOfOwner(JSON.stringify(run));
  });
});

describe("a request", () => {
  test.for(closed.map((route) => [nameOf(route), route] as const))("to %s without credentials is refused", async ([, route]) => {
    const target = ownedPath(route) + sampleQuery(route);
    for (const credential of [undefined, "cog_unknown", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."]) {
      const reply = await openApi(server.url, credential).call(route.method, target, sampleRequest(route));

      expectProblem(reply, 401, "unauthenticated");
      expect(reply.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  test.for(closed.filter((route) => route.scopes.length > 0).map((route) => [nameOf(route), route] as const))(
    "to %s with a key that lacks its scope is refused",
    async ([, route]) => {
      const scopes = ["tools:read", "agents:read"].filter((scope) => !route.scopes.includes(scope));
      const { key } = await owner.post("/v1/auth/api-keys", { name: "narrow", scopes: scopes.slice(0, 1) }, z.object({ key: z.string() }));

      const reply = await openApi(server.url, key).call(route.method, ownedPath(route) + sampleQuery(route), sampleRequest(route));

      const { detail } = expectProblem(reply, 403, "forbidden");
      expect(detail).toContain(route.scopes[0]);
    },
  );
});

describe("after all this", () => {
  test("the owner's run, memory and key are as they were, and each route knows the ids that it was asked for", async () => {
    const before = await getRun(owner, owned["run_id"] ?? "");
    expect(before.status).toBe("completed");
    // Reads first, deletions last.
    const order = ["GET", "PUT", "POST", "PATCH", "DELETE"];
    const walk = withParameters.toSorted((left, right) => order.indexOf(left.method) - order.indexOf(right.method));
    for (const route of walk) {
      const reply = await owner.call(route.method, ownedPath(route) + sampleQuery(route), sampleRequest(route));
      expect({ route: nameOf(route), known: [200, 202, 204, 409].includes(reply.status) }).toEqual({ route: nameOf(route), known: true });
    }
    expect((await getRun(owner, before.id)).event_seq).toBe(before.event_seq);
  });
});

/** As the API itself would have made it, had the page not been the last. */
function makeCursor(id: string | undefined): string {
  return Buffer.from(JSON.stringify(id)).toString("base64url");
}

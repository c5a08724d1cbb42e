import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { ApprovalSettings, InboxItem } from "../../shared/orchestration/contracts/inbox.ts";
import { expectProblem } from "./problem.ts";
import { type Person, signUp } from "./sign-up.ts";
import { startServer, type TestServer } from "./start-server.ts";

let server: TestServer;
let person: Person;
beforeAll(async () => {
  server = await startServer();
  person = await signUp(server.url, "owner");
}, 60_000);
afterAll(() => server.close());

const change = (body: object) => person.call("PATCH", "/v1/approvals/settings", { body });
const read = (whose: Person = person) => whose.get("/v1/approvals/settings", ApprovalSettings);
const Inbox = z.object({ items: z.array(InboxItem) });
const Called = z.object({ run_id: z.uuid() });

describe("single tools that need a person's word", () => {
  test("are added and taken away, and the others stay as they are", async () => {
    expect((await change({ tools: { write_file: true } })).body).toEqual({ tools: ["write_file"], expires_seconds: 86_400 });
    expect((await change({ tools: { read_file: true }, expires_seconds: 120 })).body).toEqual({
      tools: ["read_file", "write_file"],
      expires_seconds: 120,
    });
    expect((await change({ tools: { read_file: false, execute_javascript: false } })).body).toEqual({
      tools: ["write_file"],
      expires_seconds: 120,
    });
    expect((await change({})).body).toEqual({ tools: ["write_file"], expires_seconds: 120 });
    expect(await read()).toEqual({ tools: ["write_file"], expires_seconds: 120 });
  });

  test("are all there when many are named at once by others", async () => {
    await Promise.all(["write_file", "read_file", "execute_javascript"].map((tool) => change({ tools: { [tool]: true } })));
    expect((await read()).tools).toEqual(["execute_javascript", "read_file", "write_file"]);
    await change({ tools: { execute_javascript: false, read_file: false } });
  });

  test.each([
    ["a tool that there is not", { tools: { fly: true } }, "#/tools/fly"],
    ["a tool that everything has", { tools: { constructor: true } }, "#/tools/constructor"],
    ["no yes and no no", { tools: { write_file: "yes" } }, "#/tools/write_file"],
    ["a time that is none", { expires_seconds: 0 }, "#/expires_seconds"],
    ["another workspace", { workspace_id: "x" }, "#/workspace_id"],
  ])("are not changed by %s", async (_, body, pointer) => {
    const before = await read();

    const { errors } = expectProblem(await change(body), 400, "invalid-request");

    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect(await read()).toEqual(before);
  });

  test("are another workspace's own", async () => {
    const stranger = await signUp(server.url, "stranger");
    expect((await read(stranger)).tools).toEqual([]);
  });
});

test("the inbox shows what waits in one run, and nothing for a run that is none of one's own", async () => {
  const [first, second] = await Promise.all([
    person.post("/v1/tools/write_file", { path: "a.txt", content: "a" }, Called),
    person.post("/v1/tools/write_file", { path: "b.txt", content: "b" }, Called),
  ]);
  const inboxOf = async (runId: string, whose: Person = person) =>
    (await whose.get(`/v1/inbox?run_id=${runId}`, Inbox)).items.map((item) => item.run_id);

  expect(await inboxOf(first.run_id)).toEqual([first.run_id]);
  expect(await inboxOf(second.run_id)).toEqual([second.run_id]);
  expect((await person.get("/v1/inbox", Inbox)).items).toHaveLength(2);
  expect(await inboxOf(first.run_id, await signUp(server.url, "another"))).toEqual([]);
  expectProblem(await person.call("GET", "/v1/inbox?run_id=none"), 400, "invalid-request");
});

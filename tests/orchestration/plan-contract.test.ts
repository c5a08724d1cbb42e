import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LlmCall } from "../../shared/llm/contract.ts";
import { decideInboxItem } from "../../shared/orchestration/approvals/decide-inbox-item.ts";
import { type ItemView, listItems } from "../../shared/orchestration/approvals/sql/read-items.ts";
import { processControl } from "../../shared/orchestration/conductor/process-control.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { pauseRun, resumeRun } from "../../shared/orchestration/control/control-run.ts";
import { cancelTask } from "../../shared/orchestration/control/control-task.ts";
import { updateTask } from "../../shared/orchestration/control/update-task.ts";
import { replanRun } from "../../shared/orchestration/replan/replan-run.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import { readWatch } from "../../shared/orchestration/sql/lock-run.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { openTestDatabase } from "../database.ts";
import { actorOf, taskNamed } from "../world/forks.ts";
import { inspectRun, listViolations } from "../world/inspect.ts";
import { carryOutDue, openWorld, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { callTools, failWith, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";

let world: World;
let close: () => Promise<void>;
beforeAll(async () => {
  const opened = await openTestDatabase();
  ({ close } = opened);
  world = await openWorld(opened.database, { prices: pricesOf(100n, 60n) });
}, 60_000);
afterAll(() => close());

/** Each task writes the file that its description names; the plan requires the tool for `a` only if it is told to. */
function scriptOf(tools: string[], files: Readonly<Record<string, string>> = { a: "a.md", b: "a.md" }): Script {
  const { tasks, risks } = planOf({ a: [], b: ["a"] });
  return {
    plan: {
      risks,
      tasks: tasks.map((task) => ({
        ...task,
        description: `Do ${task.id}, into a.md`,
        required_capabilities: task.id === "a" ? tools : [],
      })),
    },
    executor(call) {
      if (call.turns.length > 0) return succeedWith("done");
      const name = JSON.stringify(call.variables["task"]).includes("Do a") ? "a" : "b";
      return callTools(["write_file", { path: files[name] ?? "", content: name }]);
    },
  };
}

async function planRun(script: Script, { replans = 0, limit = 100_000n }: { replans?: number; limit?: bigint } = {}): Promise<string> {
  const runId = uuidv7();
  const { workspaceId } = world;
  const goal = { goal: "letters", files: [], model: "local:scripted", limit, replans, planOnly: true };
  await createRun(world.deps, { runId, workspaceId, userId: workspaceId, ...goal });
  await settleWorld(world, script);
  return runId;
}

async function itemsOf(runId: string, state = "open"): Promise<ItemView[]> {
  const filter = { state, kind: undefined, runId, before: undefined, limit: 50 };
  return world.deps.db.transact(actorOf(world), (db) => listItems(db, filter));
}
async function theItem(runId: string): Promise<ItemView> {
  const [item, ...more] = await itemsOf(runId);
  if (item === undefined || more.length > 0) throw new Error(`${more.length + Number(item !== undefined)} items are open`);
  return item;
}
const approve = (item: ItemView, sha256 = item.request_sha256 ?? "") =>
  decideInboxItem(world.deps, actorOf(world), item.id, { verb: "approve", request_sha256: sha256 });
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
const begun = async (runId: string) =>
  (await inspectRun(world, runId)).facts.filter(({ fact }) => fact.type === "task-started" && fact.ordinal > 0).length;
const statusOf = async (runId: string) => (await inspectRun(world, runId)).run.status;

describe("a plan that waits for its approval", () => {
  test("begins with nothing, costs nothing, cannot be resumed around, and is carried out when a person approves just what was shown", async () => {
    const script = scriptOf(["write_file"]);
    const runId = await planRun(script);
    const item = await theItem(runId);

    expect(item).toMatchObject({
      kind: "approval",
      task: null,
      subject: { because: "plan", tasks: 2, tools: ["write_file"], files: ["a.md"], limit_usd: "0.0001", seconds: null, past_tasks: 1 },
    });
    expect([await statusOf(runId), await begun(runId)]).toEqual(["paused", 0]);
    const watch = await world.deps.db.transact({ role: "engine" }, (db) => readWatch(db, runId, world.deps.now()));
    expect(watch?.sleeps_until).not.toBeNull();
    expect(await codeOf(resumeRun(world.deps, actorOf(world), runId, undefined))).toBe("plan-unapproved");
    expect(await codeOf(approve(item, "0".repeat(64)))).toBe("arguments-changed");
    await processControl(world.deps, [{ kind: "hint", run_id: runId }]);
    await settleWorld(world, script);
    expect([await statusOf(runId), await begun(runId)]).toEqual(["paused", 0]);

    await approve(item);
    await settleWorld(world, script);

    const { run, facts } = await inspectRun(world, runId);
    expect(run).toMatchObject({ status: "completed", contract: { approved_sha256: item.request_sha256, files: ["a.md"] } });
    expect(listViolations(facts)).toEqual([]);
    expect(await codeOf(approve(item))).toBe("already-decided");
  });

  test("waits for it also where a person paused the run before it was planned, and goes on by the approval alone", async () => {
    const script = scriptOf(["write_file"]);
    const runId = uuidv7();
    const { workspaceId } = world;
    const goal = { goal: "letters", files: [], model: "local:scripted", limit: 100_000n, planOnly: true };
    await createRun(world.deps, { runId, workspaceId, userId: workspaceId, ...goal });
    // Planned, and not told yet that the plan may begin.
    while (!world.control.some((message) => message.kind === "phase" && message.phase === "execute")) {
      if (world.control.length > 0) await processControl(world.deps, world.control.splice(0, 1));
      else await processReports(world.deps, await carryOutDue(world, script, 1));
    }
    await pauseRun(world.deps, actorOf(world), runId);
    await settleWorld(world, script);

    expect(await codeOf(resumeRun(world.deps, actorOf(world), runId, undefined))).toBe("plan-unapproved");
    await approve(await theItem(runId));
    await settleWorld(world, script);
    expect(await statusOf(runId)).toBe("completed");
  });

  test("is another item when a task of it is changed: what was shown before can no longer be approved", async () => {
    const script = scriptOf(["write_file"]);
    const runId = await planRun(script);
    const before = await theItem(runId);

    await updateTask(world.deps, actorOf(world), await taskNamed(world, runId, "b"), { description: "Do b, into c.md" });

    const after = await theItem(runId);
    expect(after.request_sha256).not.toBe(before.request_sha256);
    expect(after.subject).toMatchObject({ files: ["a.md", "c.md"] });
    expect(await codeOf(approve(before))).toBe("conflict");
    await approve(after);
    await settleWorld(world, script);
    expect(await statusOf(runId)).toBe("completed");
  });

  test("is made anew with the note of whoever rejects it, as often as the run may be planned again, and then fails with it", async () => {
    const script = scriptOf(["write_file"]);
    const runId = await planRun(script, { replans: 1 });
    const reject = async (note: string) => decideInboxItem(world.deps, actorOf(world), (await theItem(runId)).id, { verb: "reject", note });

    await reject("Fewer files");
    await settleWorld(world, script);
    expect((await inspectRun(world, runId)).run).toMatchObject({ status: "paused", replans: [{ cause: "person", detail: "Fewer files" }] });
    await reject("Still too many");
    await settleWorld(world, script);

    const { run, facts } = await inspectRun(world, runId);
    expect(run).toMatchObject({ status: "failed", error: { code: "plan-rejected", detail: "Still too many" } });
    expect([await begun(runId), listViolations(facts)]).toEqual([0, []]);
  });

  test("may be replaced by a replan, which asks for the plan that follows", async () => {
    const script = scriptOf(["write_file"]);
    const runId = await planRun(script, { replans: 1 });
    const first = await theItem(runId);

    await replanRun(world.deps, actorOf(world), runId, { id: uuidv7(), note: "Otherwise" });
    await settleWorld(world, script);

    expect(await codeOf(approve(first))).toBe("conflict");
    await approve(await theItem(runId));
    await settleWorld(world, script);
    expect(await statusOf(runId)).toBe("completed");
  });

  test("is asked about no more when a person leaves out all of its tasks: the run goes on with what an earlier plan completed", async () => {
    const { plan } = scriptOf(["write_file"]);
    const isAboutB = (call: LlmCall) => JSON.stringify(call.variables["task"]).includes("Do b");
    const script: Script = { plan, executor: (call) => (isAboutB(call) ? failWith("no") : succeedWith("done")) };
    const runId = await planRun(script, { replans: 1 });
    await approve(await theItem(runId));
    await settleWorld(world, script);
    const item = await theItem(runId);

    const pending = (await inspectRun(world, runId)).run.tasks.find(({ name, status }) => name === "Task a" && status === "pending");
    await cancelTask(world.deps, actorOf(world), pending?.id ?? "");
    await settleWorld(world, script);

    expect(await codeOf(approve(item))).toBe("conflict");
    expect([await statusOf(runId), await itemsOf(runId)]).toEqual(["completed", []]);
  });

  test("binds its price: a limit that was raised meanwhile was not approved", async () => {
    const script = scriptOf(["write_file"]);
    const runId = await planRun(script, { limit: 1_000n });
    await world.deps.db.transact(actorOf(world), (db) => db.query("UPDATE budgets SET limit_nano = 500000 WHERE run_id = $1", [runId]));

    await approve(await theItem(runId));
    await settleWorld(world, script);

    expect((await inspectRun(world, runId)).run).toMatchObject({ status: "completed", budget: { limit_usd: "0.000001" } });
  });
});

describe("what an approved plan does not name", () => {
  test("stops for an amendment, once for each tool and file, and nothing of it happens before", async () => {
    const script = scriptOf([], { a: "a.md", b: "b.md" });
    const runId = await planRun(script);
    await approve(await theItem(runId));
    await settleWorld(world, script);

    const tool = await theItem(runId);
    expect(tool.subject).toMatchObject({ because: "amendment", tool: "write_file", outside: { tool: "write_file" } });
    expect(world.effects).toEqual([]);
    await approve(tool);
    await settleWorld(world, script);
    const file = await theItem(runId);
    expect(file.subject).toMatchObject({ because: "amendment", outside: { file: "b.md" } });
    await approve(file);
    await settleWorld(world, script);

    expect((await inspectRun(world, runId)).run).toMatchObject({
      status: "completed",
      contract: { tools: ["write_file"], files: ["a.md", "b.md"] },
    });
    expect(await itemsOf(runId)).toEqual([]);
  });

  test("is told to the agent as rejected when its person says no", async () => {
    const script = scriptOf(["write_file"], { a: "secret.md", b: "secret.md" });
    const runId = await planRun(script);
    await approve(await theItem(runId));
    await settleWorld(world, script);

    await decideInboxItem(world.deps, actorOf(world), (await theItem(runId)).id, { verb: "reject", note: "not this file" });
    await settleWorld(world, script);

    // The second task asks for it again: what was refused is no part of the contract.
    expect((await theItem(runId)).subject).toMatchObject({ because: "amendment", outside: { file: "secret.md" } });
    expect((await inspectRun(world, runId)).run.contract).toMatchObject({ files: ["a.md"] });
  });
});

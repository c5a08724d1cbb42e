import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import type { EffectOutcome } from "../../shared/effects/contract.ts";
import type { LlmCall } from "../../shared/llm/contract.ts";
import { decideInboxItem } from "../../shared/orchestration/approvals/decide-inbox-item.ts";
import { listItems } from "../../shared/orchestration/approvals/sql/read-items.ts";
import { processReports } from "../../shared/orchestration/conductor/process-reports.ts";
import { cancelTask } from "../../shared/orchestration/control/control-task.ts";
import { replayRun } from "../../shared/orchestration/replay/replay-run.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import type { JsonObject } from "../../shared/platform/json.ts";
import { openTestDatabase } from "../database.ts";
import { actorOf, taskNamed } from "../world/forks.ts";
import { inspectRun, listViolations, readLoads } from "../world/inspect.ts";
import { changeBefore, retellLog } from "../world/mishaps.ts";
import { carryOutDue, openWorld, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { drainControl } from "../world/reach-execution.ts";
import { answerText, callTools, failWith, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";

let world: World;
let close: () => Promise<void>;
beforeAll(async () => {
  const opened = await openTestDatabase();
  ({ close } = opened);
  world = await openWorld(opened.database, { prices: pricesOf(100n, 60n) });
}, 60_000);
afterAll(() => close());

const subtask = (id: string, dependencies: string[] = [], more: JsonObject = {}) => ({
  id,
  name: `Part ${id}`,
  description: `Do part ${id}`,
  dependencies,
  ...more,
});
const propose = (...subtasks: JsonObject[]): EffectOutcome => callTools(["propose_subtasks", { subtasks, notes: "keep the order" }]);
const nameOf = (call: LlmCall) => z.object({ name: z.string() }).parse(call.variables["task"]).name;

type Setting = { depth?: number; limit?: bigint; planOnly?: boolean; replans?: number };

async function start({ depth = 2, limit = 100_000n, planOnly = false, replans = 0 }: Setting = {}): Promise<string> {
  const runId = uuidv7();
  const { workspaceId } = world;
  const goal = { goal: "a few letters", files: [], model: "local:scripted" };
  await createRun(world.deps, { runId, workspaceId, userId: workspaceId, ...goal, limit, planOnly, replans, subtaskDepth: depth });
  return runId;
}

async function run(script: Script, setting?: Setting): Promise<string> {
  const runId = await start(setting);
  await settleWorld(world, script);
  return runId;
}

/** An answer that is no answer of an executor: asked for again twice, and then a failure that may be tried again. */
const UNREADABLE = answerText("I would rather not", {});

const refusals = async (runId: string) =>
  (await inspectRun(world, runId)).facts.flatMap(({ fact }) =>
    fact.type === "subtasks-refused" ? [{ name: fact.name, code: fact.error.code, detail: fact.error.detail }] : [],
  );

const outcome = async (runId: string) => {
  const { run: found, facts } = await inspectRun(world, runId);
  const tasks = found.tasks.flatMap(({ kind, name, status, attempts }) => (kind === "executor" ? [`${name} ${status} ${attempts}`] : []));
  return { status: found.status, tasks, violations: listViolations(facts) };
};

/** Until the first task of the plan has asked its model. */
async function beginTaskA(runId: string, script: Script): Promise<void> {
  while (world.effects.length === 0 || !(await inspectRun(world, runId)).run.tasks.some(({ name }) => name === "Task a")) {
    await drainControl(world);
    if (!(await inspectRun(world, runId)).run.tasks.some(({ name }) => name === "Task a"))
      await processReports(world.deps, await carryOutDue(world, script, 10));
  }
}

describe("an executor that divides its task", () => {
  test("waits for its subtasks, is given their results and its notes, and those that wait for it wait on", async () => {
    const calls: LlmCall[] = [];
    const runId = await run({
      plan: planOf({ a: [], b: ["a"], c: ["b"] }),
      executor: (call) => {
        calls.push(call);
        const isFirst = nameOf(call) === "Task b" && call.inputs.length === 1;
        return isFirst
          ? propose(subtask("x"), subtask("y", ["x"]))
          : succeedWith(`${nameOf(call)} of ${call.inputs.map((input) => input.ordinal).join()}`);
      },
    });

    expect(await outcome(runId)).toEqual({
      status: "completed",
      tasks: ["Task a completed 1", "Task b completed 2", "Task c completed 1", "Part x completed 1", "Part y completed 1"],
      violations: [],
    });
    expect(calls.map((call) => `${nameOf(call)}: ${call.inputs.map(({ result }) => JSON.stringify(result)).join(" ")}`)).toEqual([
      "Task a: ",
      'Task b: "Task a of "',
      'Part x: "Task a of "',
      'Part y: "Task a of " "Part x of 1"',
      'Task b: "Task a of " "Part x of 1" "Part y of 1,4"',
      'Task c: "Task b of 1,4,5"',
    ]);
    const offered = calls.map((call) => call.tools.includes("propose_subtasks"));
    expect(offered).toEqual([true, true, true, true, false, true]);
    expect(JSON.stringify(calls[4]?.variables)).toMatch(/Finish it from the results of its subtasks: 4, 5\. keep the order/);
    const { facts, run: found } = await inspectRun(world, runId);
    const [proposed] = facts.flatMap(({ fact }) => (fact.type === "subtasks-proposed" ? [fact] : []));
    expect(proposed).toMatchObject({
      ordinal: 2,
      attempt: 1,
      depth: 1,
      tasks: [
        { ordinal: 4, depends_on: [1] },
        { ordinal: 5, depends_on: [1, 4] },
      ],
    });
    expect(found.plan.levels).toEqual([[1], [4], [5], [2], [3]]);
    expect(await readLoads(world)).toEqual([]);
    expect(await replayRun(world.deps.db, actorOf(world), runId)).toMatchObject({ outcome: "same", attempts: 9 });
    // What the log says was added to the plan is compared with what was asked for.
    expect(await replayRun(retellLog(world.deps.db, "Part y", "Part z"), actorOf(world), runId)).toMatchObject({
      outcome: "diverged",
      divergence: { name: "Task b", attempt: 1, differs: "plan" },
    });
  });

  test("may have subtasks that are divided themselves, as deep as its run allows and no deeper", async () => {
    const offered: string[] = [];
    const runId = await run({
      plan: planOf({ a: [] }),
      executor: (call) => {
        const name = nameOf(call);
        if (call.tools.includes("propose_subtasks")) offered.push(name);
        if (call.inputs.length > 0 || call.turns.length > 0) return succeedWith(name);
        // The last one is not offered it, and proposes all the same.
        return propose(subtask(`${name.at(-1)}x`));
      },
    });

    expect(await outcome(runId)).toEqual({
      status: "completed",
      tasks: ["Task a completed 2", "Part ax completed 2", "Part xx completed 1"],
      violations: [],
    });
    expect(offered).toEqual(["Task a", "Part ax"]);
    expect(await refusals(runId)).toEqual([
      { name: "Part xx", code: "subtasks-too-deep", detail: "The task lies 2 levels below the plan; at most 2 are allowed" },
    ]);
    expect(await replayRun(world.deps.db, actorOf(world), runId)).toMatchObject({ outcome: "same" });
  });

  test("is told why its proposal is refused, mends it or does the task itself, and the run ends", async () => {
    const told: string[] = [];
    const proposals = [propose(), propose(subtask("x", ["y"])), propose(subtask("x"))];
    const runId = await run({
      plan: planOf({ a: [] }),
      executor: (call) => {
        const last = call.turns.at(-1);
        if (last?.kind === "tool") told.push(JSON.stringify(last.output));
        if (call.inputs.length > 0) return succeedWith("done");
        return nameOf(call) === "Task a" ? (proposals.shift() ?? succeedWith("alone")) : succeedWith(nameOf(call));
      },
    });

    expect(await outcome(runId)).toMatchObject({ status: "completed", tasks: ["Task a completed 2", "Part x completed 1"] });
    expect(told).toEqual([
      '{"code":"subtasks-empty","detail":"The proposal has no subtask","retryable":false}',
      '{"code":"subtasks-unknown-id","detail":"Task \\"x\\" depends on \\"y\\", which is not in the plan","retryable":false}',
    ]);
    expect(await replayRun(world.deps.db, actorOf(world), runId)).toMatchObject({ outcome: "same" });
  });

  test("that proposes again and again comes to the end of its turns", async () => {
    const runId = await run({ plan: planOf({ a: [] }), executor: () => propose() });

    const { run: found } = await inspectRun(world, runId);
    expect(found).toMatchObject({ status: "failed", error: { code: "too-many-turns" } });
    expect((await refusals(runId)).length).toBe(16);
  });

  test.for<[why: string, code: string, proposal: JsonObject[], setting?: Setting]>([
    ["in a run that allows none", "subtasks-off", [subtask("x")], { depth: 0 }],
    ["of too many", "subtasks-too-many", Array.from({ length: 11 }, (_, index) => subtask(`x${index}`))],
    ["that is not one", "subtasks-invalid", [{ id: "x" }]],
    ["with a name twice", "subtasks-duplicate-id", [subtask("x"), subtask("x")]],
    ["with the name of a result", "subtasks-duplicate-id", [subtask("done-1")]],
    ["that waits for itself", "subtasks-cycle", [subtask("x", ["x"])]],
    ["that goes round", "subtasks-cycle", [subtask("x", ["z"]), subtask("y", ["x"]), subtask("z", ["y"])]],
    ["with a tool that nobody has", "subtasks-unknown-tool", [subtask("x", [], { required_capabilities: ["magic"] })]],
    // Each is thought to cost what such tasks cost here, 60 a call.
    ["for which there is no money", "subtasks-over-budget", Array.from({ length: 6 }, (_, index) => subtask(`x${index}`)), { limit: 460n }],
  ])("is refused a proposal %s: %s", async ([_why, code, proposal, setting]) => {
    const runId = await run(
      {
        plan: planOf({ first: [], a: ["first"] }),
        executor: (call) => (nameOf(call) === "Task a" && call.turns.length === 0 ? propose(...proposal) : succeedWith("alone")),
      },
      setting,
    );

    expect(await refusals(runId)).toMatchObject([{ name: "Task a", code }]);
    const { tasks, violations } = await outcome(runId);
    expect({ tasks, violations }).toEqual({ tasks: ["Task first completed 1", "Task a completed 1"], violations: [] });
  });

  test("is refused a proposal beside other calls, which are carried out", async () => {
    const runId = await run({
      plan: planOf({ a: [] }),
      executor: (call) => {
        if (call.turns.length > 0) return succeedWith(call.turns.flatMap((turn) => (turn.kind === "tool" ? [turn.ok] : [])));
        return callTools(["propose_subtasks", { subtasks: [subtask("x")] }], ["write_file", { path: "a.txt", content: "a" }]);
      },
    });

    expect(await refusals(runId)).toMatchObject([{ code: "subtasks-not-alone" }]);
    expect((await inspectRun(world, runId)).run).toMatchObject({ status: "completed", tasks: expect.arrayContaining([]) });
    expect(await replayRun(world.deps.db, actorOf(world), runId)).toMatchObject({ outcome: "same" });
  });

  test("is tried as often as ever when it fails after its subtasks, and is not divided again", async () => {
    let failures = 0;
    const runId = await run({
      plan: planOf({ a: [] }),
      executor: (call) => {
        if (nameOf(call) !== "Task a") return succeedWith("part");
        if (call.inputs.length === 0) return propose(subtask("x"));
        if (call.turns.length === 0) return propose(subtask("y"));
        failures += 1;
        return failures <= 3 ? UNREADABLE : succeedWith("whole");
      },
    });

    expect(await outcome(runId)).toMatchObject({ status: "completed", tasks: ["Task a completed 3", "Part x completed 1"] });
    expect((await refusals(runId)).map(({ code }) => code)).toEqual(["subtasks-divided-before", "subtasks-divided-before"]);
  });

  test("falls with a subtask that fails, and so does what waits for it", async () => {
    const runId = await run({
      plan: planOf({ a: [], b: ["a"] }),
      executor: (call) =>
        nameOf(call) === "Task a"
          ? propose(subtask("x"), subtask("y"))
          : nameOf(call) === "Part x"
            ? failWith("impossible: no")
            : succeedWith("y"),
    });

    expect(await outcome(runId)).toEqual({
      status: "failed",
      tasks: ["Task a cancelled 1", "Task b cancelled 0", "Part x failed 1", "Part y completed 1"],
      violations: [],
    });
  });

  test("takes its subtasks along when it is cancelled, at any depth", async () => {
    const runId = await start();
    const isOpen = async () =>
      (await inspectRun(world, runId)).run.tasks.some(({ name, status }) => name === "Part xx" && status === "in_progress");
    const script: Script = {
      plan: planOf({ a: [], b: [] }),
      executor: (call) =>
        nameOf(call) === "Task b" || nameOf(call) === "Part xx" ? succeedWith("b") : propose(subtask(`${nameOf(call).at(-1)}x`)),
    };
    while (!(await isOpen())) {
      await drainControl(world);
      if (!(await isOpen())) await processReports(world.deps, await carryOutDue(world, script, 10));
    }
    await cancelTask(world.deps, actorOf(world), await taskNamed(world, runId, "a"));
    await settleWorld(world, script);

    expect(await outcome(runId)).toEqual({
      status: "completed",
      tasks: ["Task a cancelled 1", "Task b completed 1", "Part ax cancelled 1", "Part xx cancelled 1"],
      violations: [],
    });
    expect(await readLoads(world)).toEqual([]);
  });

  test("does so beside others of its run in one batch: each is laid out behind the one before", async () => {
    const names = ["a", "b", "c", "d"];
    const runId = await run({
      plan: planOf({ a: [], b: [], c: [], d: [], end: names }),
      executor: (call) => {
        const name = nameOf(call).replace("Task ", "");
        return names.includes(name) && call.inputs.length === 0 ? propose(subtask(`${name}1`), subtask(`${name}2`)) : succeedWith(name);
      },
    });

    const { run: found, facts } = await inspectRun(world, runId);
    const plan = found.tasks.filter(({ kind }) => kind === "executor");
    expect(plan.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
    expect([found.status, listViolations(facts)]).toEqual(["completed", []]);
    expect(facts.filter(({ fact }) => fact.type === "subtasks-proposed")).toHaveLength(4);
    expect(await replayRun(world.deps.db, actorOf(world), runId)).toMatchObject({ outcome: "same" });
  });

  test("is held to the plan that a person approved", async () => {
    const { tasks, risks } = planOf({ a: [] });
    const plan = { risks, tasks: tasks.map((task) => ({ ...task, description: "Write a.md" })) };
    const inside = subtask("x", [], { description: "Write what goes into a.md" });
    const proposals = [propose(subtask("x", [], { required_capabilities: ["write_file"], description: "Write b.md" })), propose(inside)];
    const script: Script = {
      plan,
      executor: (call) => (nameOf(call) === "Task a" ? (proposals.shift() ?? succeedWith("whole")) : succeedWith("part")),
    };
    const runId = await run(script, { planOnly: true });
    const filter = { state: "open", kind: undefined, runId, before: undefined, limit: 50 };
    const [item] = await world.deps.db.transact(actorOf(world), (db) => listItems(db, filter));
    const decision = { verb: "approve", request_sha256: item?.request_sha256 ?? "" } as const;
    await decideInboxItem(world.deps, actorOf(world), item?.id ?? "", decision);
    await settleWorld(world, script);

    expect(await refusals(runId)).toEqual([
      {
        name: "Task a",
        code: "subtasks-outside-contract",
        detail: "The plan that was approved does not name the tool write_file, the file b.md",
      },
    ]);
    expect(await outcome(runId)).toMatchObject({ status: "completed", tasks: ["Task a completed 2", "Part x completed 1"] });
  });

  test("is planned around when its run is planned again: what completed stays, what waits is cancelled", async () => {
    const runId = await start({ replans: 1 });
    const script: Script = {
      plan: planOf({ a: [], b: ["a"] }),
      replan: planOf({ n: ["done-3"] }),
      executor: (call) => {
        if (nameOf(call) === "Task a") return propose(subtask("x"), subtask("y", ["x"]));
        return nameOf(call) === "Part y" ? failWith("impossible: no") : succeedWith(nameOf(call));
      },
    };
    await settleWorld(world, script);

    expect(await outcome(runId)).toEqual({
      status: "completed",
      tasks: ["Task a cancelled 1", "Task b cancelled 0", "Part x completed 1", "Part y failed 1", "Task n completed 1"],
      violations: [],
    });
  });

  test("may be divided where it has a budget of its own without a limit", async () => {
    const runId = await start({ limit: 10_000n });
    const script: Script = {
      plan: planOf({ a: [] }),
      executor: (call) => (nameOf(call) === "Task a" && call.inputs.length === 0 ? propose(subtask("x")) : succeedWith(nameOf(call))),
    };
    await beginTaskA(runId, script);
    const insert =
      "INSERT INTO budgets (id, workspace_id, scope, task_id) SELECT $2, workspace_id, 'task', id FROM tasks WHERE run_id = $1 AND name = 'Task a'";
    await world.deps.db.transact(actorOf(world), (db) => db.query(insert, [runId, uuidv7()]));
    await settleWorld(world, script);

    const tasks = ["Task a completed 2", "Part x completed 1"];
    expect(await outcome(runId)).toEqual({ status: "completed", tasks, violations: [] });
  });

  test.for<[how: string, statement: string, outcome: unknown]>([
    [
      "there are more tasks in the plan",
      `WITH run AS (UPDATE runs SET plan_version = plan_version + 1 WHERE id = $1 RETURNING id, workspace_id, user_id, root_task_id)
      INSERT INTO tasks (id, workspace_id, user_id, run_id, parent_task_id, kind, ordinal, name, status)
      SELECT gen_random_uuid(), workspace_id, user_id, id, root_task_id, 'executor', 2, 'Task z', 'completed' FROM run`,
      "7 tasks",
    ],
    [
      "too little money is left",
      "UPDATE budgets SET limit_nano = spent_nano + held_nano + 300 WHERE run_id = $1 AND scope = 'run'",
      "subtasks-over-budget",
    ],
    ["the run is to end with what there is", "UPDATE runs SET is_finishing = true WHERE id = $1", "subtasks-finishing"],
  ])("is judged again when %s between the reading and the lock", async ([, statement, expected]) => {
    const runId = await start({ limit: 10_000n });
    const script: Script = {
      plan: planOf({ a: [] }),
      executor: (call) => {
        const isFirst = nameOf(call) === "Task a" && call.inputs.length + call.turns.length === 0;
        return isFirst ? propose(...Array.from({ length: 6 }, (_, index) => subtask(`x${index}`))) : succeedWith("it");
      },
    };
    await beginTaskA(runId, script);
    const changed = changeBefore(world.deps.db, "lock_batch", (db) => db.query(statement, [runId]));
    await processReports({ ...world.deps, db: changed.database }, await carryOutDue(world, script, 10));
    await settleWorld(world, script);

    expect(changed.isOver()).toBe(true);
    const { run: found, facts } = await inspectRun(world, runId);
    expect([found.status, listViolations(facts)]).toEqual(["completed", []]);
    const places = found.tasks.filter(({ kind }) => kind === "executor").map(({ ordinal }) => ordinal);
    expect(places).toEqual([...new Set(places)]);
    const said = facts.flatMap(({ fact }) => {
      if (fact.type === "subtasks-proposed") return [`${fact.tasks.length + 1} tasks`];
      return fact.type === "subtasks-refused" ? [fact.error.code] : [];
    });
    expect(said).toEqual([expected]);
  });
});

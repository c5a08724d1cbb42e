import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import type { EffectOutcome } from "../../shared/effects/contract.ts";
import type { LlmCall } from "../../shared/llm/contract.ts";
import { createRun } from "../../shared/orchestration/create-run.ts";
import { replayRun } from "../../shared/orchestration/replay/replay-run.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import type { JsonObject } from "../../shared/platform/json.ts";
import { openTestDatabase } from "../database.ts";
import { actorOf } from "../world/forks.ts";
import { inspectRun, listViolations, readLoads } from "../world/inspect.ts";
import { openWorld, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { callTools, planOf, type Script, succeedWith } from "../world/scripted-hands.ts";

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

type Setting = { depth?: number; limit?: bigint };

async function run(script: Script, { depth = 2, limit = 100_000n }: Setting = {}): Promise<string> {
  const runId = uuidv7();
  const { workspaceId } = world;
  const goal = { goal: "a few letters", files: [], model: "local:scripted" };
  await createRun(world.deps, { runId, workspaceId, userId: workspaceId, ...goal, limit, subtaskDepth: depth });
  await settleWorld(world, script);
  return runId;
}

const outcome = async (runId: string) => {
  const { run: found, facts } = await inspectRun(world, runId);
  const tasks = found.tasks.flatMap(({ kind, name, status, attempts }) => (kind === "executor" ? [`${name} ${status} ${attempts}`] : []));
  return { status: found.status, tasks, violations: listViolations(facts) };
};

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
  });
});

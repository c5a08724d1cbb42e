import { afterAll, beforeAll, expect, test } from "vitest";
import { replayRun } from "../../shared/orchestration/replay/replay-run.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { openTestDatabase } from "../database.ts";
import { openWorld, postGoal, settleWorld, type World } from "../world/open-world.ts";
import { callToolThenSucceed, failWith, planOf } from "../world/scripted-hands.ts";

let db: Database;
let close: () => Promise<void>;
let world: World;
beforeAll(async () => {
  ({ database: db, close } = await openTestDatabase());
  world = await openWorld(db);
});
afterAll(() => close());

const actorOf = ({ workspaceId }: World) => ({ role: "app", workspaceId, userId: workspaceId }) as const;
const replay = (runId: string) => replayRun(db, actorOf(world), runId);
const plan = planOf({ a: [], b: ["a"], c: ["a", "b"] });

async function finishRun(executor = callToolThenSucceed): Promise<string> {
  const runId = await postGoal(world, "three letters");
  await settleWorld(world, { plan, executor });
  return runId;
}

/** Changes rows behind everybody's back. */
const tamper = (text: string, runId: string) => db.transact({ role: "engine" }, (connection) => connection.query(text, [runId]));

test("a run that has ended is the same when it is computed anew, and nothing is sent, claimed or written for it", async () => {
  const completed = await finishRun();
  const failed = await finishRun(() => failWith("impossible: nobody can"));

  expect(await replay(completed)).toEqual({
    run_id: completed,
    outcome: "same",
    // Planner, three tasks, critic, summarizer.
    attempts: 6,
    decisions: 3 + 3 * 4 + 2 + 2,
    divergence: null,
    erased: [],
  });
  expect(await replay(failed)).toMatchObject({ outcome: "same", attempts: 2 });
  expect({ control: world.control, effects: world.effects }).toEqual({ control: [], effects: [] });
});

test("a run in the middle is the same so far", async () => {
  const runId = await postGoal(world, "three letters");

  expect(await replay(runId)).toMatchObject({ outcome: "same", attempts: 0 });
  world.control.splice(0);
});

test("one byte of a stored answer names the task, the attempt and the effect", async () => {
  const runId = await finishRun();
  await tamper(
    `UPDATE payloads SET body = jsonb_set(body, '{tool}', '"write_fil3"') WHERE id =
      (SELECT e.result_payload_id FROM effects e JOIN tasks t ON t.id = e.task_id WHERE e.run_id = $1 AND t.name = 'Task b' AND e.kind = 'tool')`,
    runId,
  );

  expect(await replay(runId)).toMatchObject({
    outcome: "diverged",
    divergence: { name: "Task b", ordinal: 2, attempt: 1, seq: 1, differs: "result" },
  });
});

test("one byte of what a prompt was filled with names the call that was asked with it", async () => {
  const runId = await finishRun();
  await tamper(
    `UPDATE payloads SET body = jsonb_set(body, '{variables,task,description}', '"Do d"') WHERE id =
      (SELECT a.briefing_payload_id FROM task_attempts a JOIN tasks t ON t.id = a.task_id WHERE a.run_id = $1 AND t.name = 'Task c')`,
    runId,
  );

  expect(await replay(runId)).toMatchObject({ divergence: { name: "Task c", seq: 0, differs: "request" } });
});

test("what was erased cannot be computed anew, and says where it is missing", async () => {
  const runId = await finishRun();
  await tamper(
    `UPDATE payloads SET body = NULL, erased_at = now() WHERE id IN
      (SELECT e.result_payload_id FROM effects e JOIN tasks t ON t.id = e.task_id WHERE e.run_id = $1 AND t.name IN ('Task a', 'Task b') AND e.seq = 0)`,
    runId,
  );

  const answer = await replay(runId);

  expect(answer).toMatchObject({ outcome: "erased", divergence: null });
  expect(answer.erased.map(({ name, seq }) => [name, seq])).toEqual([
    ["Task a", 0],
    ["Task b", 0],
  ]);
});

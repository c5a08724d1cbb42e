import { expect, test } from "vitest";
import { createStartingTasks, type UnderWay } from "./starting-tasks.ts";

const batch = (starts: string[], leaving: string[] = []): UnderWay => ({
  starts: starts.map((task_id) => ({ task_id, agent_id: "a" })),
  leaving,
});

test("a batch is drafted when the one before it has been, and sees what that begins", async () => {
  const starting = createStartingTasks();
  const seen: string[][] = [];
  const first = await starting.takeTurn();
  const second = starting.takeTurn().then((turn) => {
    seen.push(starting.list());
    turn.drafted(batch(["two"]));
  });
  await Promise.resolve();
  expect(seen).toEqual([]);
  first.drafted(batch(["one"]));
  await second;
  expect(seen).toEqual([["one"]]);
  expect(starting.list()).toEqual(["one", "two"]);
});

test("room to come is what batches end less what they begin, of one agent, until they are through", async () => {
  const starting = createStartingTasks();
  const first = await starting.takeTurn();
  first.drafted(batch(["one"], ["a", "a", "a", "b"]));
  expect(starting.roomToCome("a")).toBe(2);
  expect(starting.roomToCome("b")).toBe(1);
  (await starting.takeTurn()).drafted(batch(["two", "three", "four"]));
  expect(starting.roomToCome("a")).toBe(-1);
  first.end();
  expect(starting.roomToCome("a")).toBe(-3);
  expect(starting.roomToCome("b")).toBe(0);
});

test("a batch that could not be drafted holds nothing, and nobody up", async () => {
  const starting = createStartingTasks();
  (await starting.takeTurn()).end();
  (await starting.takeTurn()).drafted(batch(["two"]));
  expect(starting.list()).toEqual(["two"]);
});

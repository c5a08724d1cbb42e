import { expect, test } from "vitest";
import { createStartingTasks, type UnderWay } from "./starting-tasks.ts";

const batch = (starts: string[], leaving: string[] = []): UnderWay => ({
  starts: starts.map((task_id) => ({ task_id, agent_id: "a" })),
  leaving,
});

test("a batch is drafted when the one before it has been, and sees what that begins", async () => {
  const starting = createStartingTasks();
  const seen: string[][] = [];
  let finish = () => {};
  const first = starting.holdInTurn(async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return batch(["one"]);
  });
  const second = starting.holdInTurn(async () => {
    seen.push(starting.list());
    return batch(["two"]);
  });
  await Promise.resolve();
  expect(seen).toEqual([]);
  finish();
  await Promise.all([first, second]);
  expect(seen).toEqual([["one"]]);
  expect(starting.list()).toEqual(["one", "two"]);
});

test("room to come is what batches end less what they begin, of one agent, until they are through", async () => {
  const starting = createStartingTasks();
  const release = await starting.holdInTurn(async () => batch(["one"], ["a", "a", "a", "b"]));
  expect(starting.roomToCome("a")).toBe(2);
  expect(starting.roomToCome("b")).toBe(1);
  await starting.holdInTurn(async () => batch(["two", "three", "four"]));
  expect(starting.roomToCome("a")).toBe(-1);
  release();
  expect(starting.roomToCome("a")).toBe(-3);
  expect(starting.roomToCome("b")).toBe(0);
});

test("a batch that could not be drafted holds nothing, and nobody up", async () => {
  const starting = createStartingTasks();
  const failed = starting.holdInTurn(() => Promise.reject(new Error("no database")));
  const next = starting.holdInTurn(async () => batch(["two"]));
  await expect(failed).rejects.toThrow("no database");
  await next;
  expect(starting.list()).toEqual(["two"]);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Circumstances, chooseAgent, type PoolAgent } from "./choose-agent.ts";

const now = "2026-01-01T00:00:00.000Z";
const later = "2026-01-01T00:01:00.000Z";

const agent = (id: string, changes: Partial<PoolAgent> = {}): PoolAgent => ({
  id,
  role: "executor",
  status: "idle",
  capabilities: ["read_file"],
  current_task_count: 0,
  max_concurrent_tasks: 10,
  model: "default",
  consecutive_failures: 0,
  cool_down_until: null,
  last_failure: null,
  ...changes,
});
const cooling = { consecutive_failures: 5, cool_down_until: later };
const COSTS: Readonly<Record<string, bigint>> = { cheap: 10n, dear: 90n };
const byModel: Circumstances["expectCost"] = (model) => COSTS[model] ?? null;
const cheap = { model: "cheap" };
const dear = { model: "dear" };

describe("choosing an agent", () => {
  test.each<[string, PoolAgent[], string | undefined, Partial<Circumstances>?]>([
    ["takes the one with the most room", [agent("a", { current_task_count: 5 }), agent("b")], "b"],
    ["counts what was given already", [agent("a"), agent("b")], "b", { assigned: new Map([["a", 1]]) }],
    ["takes one that is full when there is no other", [agent("a", { current_task_count: 10 })], "a"],
    ["takes the first by id among equals, whatever the order of the pool", [agent("b"), agent("a")], "a"],
    ["passes over who is retired", [agent("a", { status: "offline" })], undefined],
    ["takes who cools down last", [agent("a", cooling), agent("b", { current_task_count: 10 })], "b"],
    ["takes who cools down when there is no other", [agent("a", cooling)], "a"],
    ["passes over another role", [agent("a", { role: "critic" })], undefined],
    ["passes over who lacks a capability", [agent("a", { capabilities: [] })], undefined],
    ["takes a custom agent that has what is asked for", [agent("a", { role: "custom" })], "a"],
    ["avoids who just failed at it", [agent("a"), agent("b", { current_task_count: 9 })], "b", { avoid: "a" }],
    ["takes who just failed at it when there is no other", [agent("a")], "a", { avoid: "a" }],
    ["takes who just failed at it before one that cools down", [agent("a"), agent("b", cooling)], "a", { avoid: "a" }],
    ["takes the cheaper model though it has less room", [agent("a", dear), agent("b", { ...cheap, current_task_count: 9 })], "b"],
    ["takes the dearer model when the cheaper has no room", [agent("a", dear), agent("b", { ...cheap, current_task_count: 10 })], "a"],
    ["takes a known price before an unknown one", [agent("a", { model: "unknown" }), agent("b", dear)], "b"],
  ])("%s", (_, pool, expected, circumstances) => {
    expect(chooseAgent(pool, "executor", ["read_file"], { now, expectCost: byModel, ...circumstances })?.id).toBe(expected);
  });

  test("leaves what asks for nothing to executors", () => {
    expect(chooseAgent([agent("a", { role: "custom" })], "executor", [], { now })).toBeUndefined();
  });

  test("prices a task by its complexity", () => {
    const expectCost: Circumstances["expectCost"] = (model, complexity) => {
      if (model === "flat") return 50n;
      return complexity === "low" ? 10n : 90n;
    };
    const pool = [agent("a", { model: "flat" }), agent("b", { model: "scaled" })];
    const choose = (complexity: "low" | "high") => chooseAgent(pool, "executor", [], { now, complexity, expectCost })?.id;

    expect([choose("low"), choose("high")]).toEqual(["b", "a"]);
  });

  test("never depends on the order of the pool, and never takes who cannot do it", () => {
    const anyAgent = fc.record({
      role: fc.constantFrom("executor", "custom", "critic"),
      status: fc.constantFrom("idle", "offline"),
      capabilities: fc.subarray(["read_file", "fly"]),
      current_task_count: fc.nat(3),
      max_concurrent_tasks: fc.integer({ min: 1, max: 3 }),
      model: fc.constantFrom("cheap", "dear", "unknown"),
      cool_down_until: fc.constantFrom(null, later),
    });
    fc.assert(
      fc.property(fc.array(anyAgent, { maxLength: 6 }), fc.subarray(["read_file", "fly"]), (agents, wanted) => {
        const pool = agents.map((changes, index) => agent(`agent-${index}`, changes));
        const chosen = chooseAgent(pool, "executor", wanted, { now, expectCost: byModel });

        expect(chooseAgent(pool.toReversed(), "executor", wanted, { now, expectCost: byModel })).toEqual(chosen);
        const isAble = (one: PoolAgent) =>
          one.status === "idle" &&
          (one.role === "executor" || (one.role === "custom" && wanted.length > 0)) &&
          wanted.every((name) => one.capabilities.includes(name));
        expect(chosen === undefined).toBe(!pool.some(isAble));
        expect(chosen === undefined || isAble(chosen)).toBe(true);
      }),
    );
  });
});

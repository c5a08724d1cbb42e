import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../../tests/world/scripted-hands.ts";
import type { PoolAgent } from "./choose-agent.ts";
import { layOutPlan } from "./lay-out-plan.ts";

const NOW = { now: "2026-01-01T00:00:00.000Z" };

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

function countIds(): () => string {
  let count = 0;
  return () => `id-${(count += 1)}`;
}

describe("laying out a plan", () => {
  test("gives tasks their ids, their ordinals in the plan's order and their dependencies by id", () => {
    const laidOut = layOutPlan(planOf({ z: [], a: ["z"], m: ["a", "z"] }), [agent("one")], countIds(), NOW);

    expect(laidOut.ok && laidOut.tasks.map((task) => [task.id, task.ordinal, task.name, task.depends_on])).toEqual([
      ["id-1", 1, "Task z", []],
      ["id-2", 2, "Task a", ["id-1"]],
      ["id-3", 3, "Task m", ["id-2", "id-1"]],
    ]);
  });

  test("knows a dependency that stands later in the plan", () => {
    const laidOut = layOutPlan(planOf({ a: ["b"], b: [] }), [agent("one")], countIds(), NOW);

    expect(laidOut.ok && laidOut.tasks.map((task) => task.depends_on)).toEqual([["id-2"], []]);
  });

  test("names the first task that no agent can do", () => {
    const plan = planOf({ a: [], b: [] });
    const tasks = plan.tasks.map((task) => ({ ...task, required_capabilities: task.id === "b" ? ["read_file", "fly"] : [] }));

    expect(layOutPlan({ ...plan, tasks }, [agent("one")], countIds(), NOW)).toEqual({
      ok: false,
      problem: 'No executor agent has what task "b" requires: read_file, fly',
    });
  });

  test("spreads tasks over agents so that none gets more than one beyond its room while another has more", () => {
    const rooms = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });

    fc.assert(
      fc.property(rooms, fc.integer({ min: 1, max: 20 }), (capacities, size) => {
        const pool = capacities.map((max_concurrent_tasks, index) => agent(`agent-${index}`, { max_concurrent_tasks }));
        const plan = planOf(Object.fromEntries(Array.from({ length: size }, (_, index) => [`t${index}`, []])));
        const laidOut = layOutPlan(plan, pool, countIds(), NOW);
        const left = pool.map(
          (one) => one.max_concurrent_tasks - (laidOut.ok ? laidOut.tasks.filter((task) => task.agent_id === one.id).length : Number.NaN),
        );

        // An agent was given a task only when nobody had more room: the room left differs by one among those that were given any.
        const given = left.filter((room, index) => room < (capacities[index] ?? 0));
        expect(Math.max(...left) - Math.min(...given)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

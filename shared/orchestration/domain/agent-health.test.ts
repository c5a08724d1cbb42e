import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  acceptsTasks,
  describeStatus,
  FAILURE_LIMIT,
  type Health,
  type HealthyAgent,
  isOwnFailure,
  noteFailure,
  noteSuccess,
  roomOf,
} from "./agent-health.ts";

const WELL: Health = { consecutive_failures: 0, cool_down_until: null, last_failure: null };
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();

/** Failures one after another, each of something that was begun after the one before. */
function failTimes(times: number, health = WELL, from = 0): Health {
  return Array.from({ length: times }).reduce<Health>(
    (before, _, index) =>
      noteFailure(before, { code: "provider-unavailable", begunAt: at(from + index * 2 + 1), now: at(from + index * 2 + 2) }),
    health,
  );
}

const agentWith = (health: Health, load = 0, status = "idle"): HealthyAgent => ({
  ...health,
  status,
  current_task_count: load,
  max_concurrent_tasks: 3,
});

describe("an agent that fails again and again", () => {
  test("cools down at the limit, not before", () => {
    expect(failTimes(FAILURE_LIMIT - 1).cool_down_until).toBeNull();
    expect(failTimes(FAILURE_LIMIT).cool_down_until).toBe(at(FAILURE_LIMIT * 2 + 10));
  });

  test("is given nothing while it cools down, then one task, and all of its room after a success", () => {
    const health = failTimes(FAILURE_LIMIT);
    const [during, after] = [at(15), at(30)];

    expect([acceptsTasks(agentWith(health), during), roomOf(agentWith(health), during)]).toEqual([false, 0]);
    expect(describeStatus(agentWith(health), during)).toBe("error");
    expect([roomOf(agentWith(health), after), roomOf(agentWith(health, 1), after)]).toEqual([1, 0]);
    expect(describeStatus(agentWith(health), after)).toBe("idle");
    expect(roomOf(agentWith(noteSuccess(health)), after)).toBe(3);
  });

  test("cools down twice as long when its trial fails, and never longer than ten minutes", () => {
    expect(failTimes(FAILURE_LIMIT + 1).cool_down_until).toBe(at((FAILURE_LIMIT + 1) * 2 + 20));
    expect(failTimes(FAILURE_LIMIT + 40).cool_down_until).toBe(at((FAILURE_LIMIT + 40) * 2 + 600));
  });

  test("is blamed once for what failed together: tasks that were begun before the last failure", () => {
    const first = noteFailure(WELL, { code: "provider-unavailable", begunAt: at(0), now: at(10) });
    const others = Array.from({ length: 20 }).reduce<Health>(
      (health, _, index) => noteFailure(health, { code: "lease-lost", begunAt: at(index % 10), now: at(11 + index) }),
      first,
    );

    expect(others).toEqual(first);
    expect(noteFailure(others, { code: "lease-lost", begunAt: at(12), now: at(13) }).consecutive_failures).toBe(2);
  });
});

test("a task's own failure is not held against its agent", () => {
  expect(["task-failed", "tool-failed", "budget-exhausted", "no-agent"].filter(isOwnFailure)).toEqual([]);
});

describe("status", () => {
  test.for([
    [0, "idle", "idle"],
    [1, "idle", "active"],
    [3, "idle", "busy"],
    [0, "offline", "offline"],
    [1, "offline", "busy"],
  ] as const)("of an agent with %i tasks that is set %s is %s", ([load, set, expected]) => {
    expect(describeStatus(agentWith(WELL, load, set), at(0))).toBe(expected);
  });
});

test("room is never negative, never above what it may take, and none where it accepts nothing", () => {
  const health = fc.record({
    consecutive_failures: fc.nat(20),
    cool_down_until: fc.option(fc.nat(100).map(at)),
    last_failure: fc.constant(null),
    status: fc.constantFrom("idle", "offline"),
    current_task_count: fc.nat(10),
    max_concurrent_tasks: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(health, fc.nat(100).map(at), (agent, now) => {
      const room = roomOf(agent, now);
      expect(room).toBeGreaterThanOrEqual(0);
      expect(room + agent.current_task_count).toBeLessThanOrEqual(Math.max(agent.current_task_count, agent.max_concurrent_tasks));
      expect(acceptsTasks(agent, now) || room === 0).toBe(true);
    }),
  );
});

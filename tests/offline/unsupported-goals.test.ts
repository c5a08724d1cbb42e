import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbeddedRunner } from "./run-goal-embedded.ts";
import { runGoalInMemory } from "./run-goal-in-memory.ts";
import { mixedGoal, unsupportedFiles, unsupportedGoals } from "./unsupported-goals.ts";

let runner: Awaited<ReturnType<typeof openEmbeddedRunner>>;

beforeAll(async () => {
  runner = await openEmbeddedRunner();
});
afterAll(() => runner.close());

describe.each([
  ["on the whole product", (goal: string) => runner.runGoal({ goal, files: unsupportedFiles })],
  ["without an orchestrator", (goal: string) => runGoalInMemory({ goal, files: unsupportedFiles })],
])("what the rules cannot do, %s", (_, run) => {
  it.each([...unsupportedGoals, mixedGoal])("fails with the step and the reason: $goal", async ({ goal, reason, statuses }) => {
    const ended = await run(goal);
    expect(ended.status).toBe("failed");
    expect(ended.error).toMatch(/^unsupported_offline: /u);
    expect(ended.error).toMatch(reason);
    expect(ended.tasks.map((task) => task.status)).toEqual(statuses);
  });

  it("leaves behind what could be done", async () => {
    const ended = await run(mixedGoal.goal);
    expect(ended.files["counts.csv"]).toBe("island,count\nBiscoe,1\nDream,1\n");
    expect(ended.files["chart.md"]).toBeUndefined();
  });
});

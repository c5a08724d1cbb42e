import { describe, expect, it } from "vitest";
import { checkGoal } from "./check-goal.ts";
import { makeGoal } from "./make-goal.ts";
import { runGoalInMemory } from "./run-goal-in-memory.ts";

const GOALS = Number(process.env["OFFLINE_GOALS"] ?? 200);
const FIRST_SEED = Number(process.env["OFFLINE_SEED"] ?? 1);
const MOST_UNSUPPORTED = 0.1;

describe("generated goals", () => {
  it("end right or refused with a reason, never with a wrong number", async () => {
    const counts = { right: 0, unsupported: 0, wrong: 0 };
    const lines: string[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + GOALS; seed++) {
      const made = makeGoal(seed);
      const found = checkGoal(made, await runGoalInMemory(made));
      counts[found.verdict]++;
      if (found.verdict === "unsupported") lines.push(`unsupported ${seed} ${made.shape}: ${found.reason.slice(0, 300)}\n  ${made.goal}`);
      if (found.verdict === "wrong") lines.push(`WRONG ${seed} ${made.shape}: ${found.faults.slice(0, 4).join("; ")}\n  ${made.goal}`);
    }
    const share = counts.unsupported / GOALS;
    console.log(lines.join("\n"));
    console.log(
      `${GOALS} goals: ${counts.right} right, ${counts.unsupported} unsupported (${(share * 100).toFixed(1)} %), ${counts.wrong} wrong`,
    );
    expect(counts.wrong).toBe(0);
    expect(share).toBeLessThanOrEqual(MOST_UNSUPPORTED);
  });
});

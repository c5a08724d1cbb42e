import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateTask, type PastTask, rememberSeconds } from "./estimate-task.ts";

const usage = (input: number, output = 0) => ({ model: "m", input_tokens: input, output_tokens: output, cached_input_tokens: 0 });
const past = (seconds: number, more: Partial<PastTask> = {}): PastTask => ({
  kind: "executor",
  tools: [],
  complexity: "low",
  seconds,
  calls: [usage(100)],
  ...more,
});
const toCome = { kind: "executor" as const, tools: ["read_file"], complexity: "low" as const };
const perToken = ({ input_tokens, output_tokens }: { input_tokens: number; output_tokens: number }) => BigInt(input_tokens + output_tokens);

describe("an estimate", () => {
  test("is unknown without a past of its kind, whatever else has completed", () => {
    expect(estimateTask([], toCome, perToken)).toBeUndefined();
    expect(estimateTask([past(1, { kind: "critic" })], toCome, perToken)).toBeUndefined();
    expect(rememberSeconds([])(toCome)).toBeUndefined();
  });

  test("rests on the closest likeness that there is enough of, and says on how many", () => {
    const same = { tools: ["read_file"] };
    const others = [past(50), past(60), past(70, { complexity: "high" })];
    const near = [past(1, same), past(2, same), past(3, { ...same, complexity: "high" })];
    const said = (tasks: PastTask[]) => {
      const { likeness, samples, seconds } = estimateTask(tasks, toCome, perToken) ?? {};
      return [likeness, samples, seconds];
    };

    expect(said([...near, past(4, same), ...others])).toEqual(["tools-and-complexity", 3, { median: 2, p90: 4 }]);
    expect(said([...near, ...others])).toEqual(["tools", 3, { median: 2, p90: 3 }]);
    expect(said([...near.slice(0, 1), ...others])).toEqual(["complexity", 3, { median: 50, p90: 60 }]);
    expect(said(others.slice(1))).toEqual(["kind", 2, { median: 60, p90: 70 }]);
    expect(said(others.slice(0, 1))).toEqual(["kind", 1, { median: 50, p90: 50 }]);
  });

  test("takes the order of tools for nothing, and one tool more for another task", () => {
    const tasks = [1, 2, 3].map((seconds) => past(seconds, { tools: ["write_file", "read_file"] }));
    expect(estimateTask(tasks, { ...toCome, tools: ["read_file", "write_file"] }, perToken)?.likeness).toBe("tools-and-complexity");
    expect(estimateTask(tasks, toCome, perToken)?.likeness).toBe("complexity");
  });

  test("prices each call of the past, and is of unknown price as soon as one call is", () => {
    const tasks = [past(1, { calls: [usage(10), usage(20, 5)] }), past(1, { calls: [] }), past(1, { calls: [usage(1_000)] })];
    expect(estimateTask(tasks, toCome, perToken)?.cost_nano).toEqual({ median: 35n, p90: 1_000n });
    expect(estimateTask(tasks, toCome, (call) => (call.input_tokens === 20 ? null : 1n))?.cost_nano).toBeNull();
  });

  test("is not moved by one absurd task among many", () => {
    const tasks = [...Array.from({ length: 19 }, () => past(10)), past(1_000_000)];
    expect(estimateTask(tasks, toCome, perToken)?.seconds).toEqual({ median: 10, p90: 10 });
  });

  test("learns how complex tasks with these tools are, once there are enough of them", () => {
    const learned = (tokens: number, count = 3) =>
      estimateTask(
        Array.from({ length: count }, () => past(1, { tools: ["read_file"], calls: [usage(tokens)] })),
        toCome,
        perToken,
      )?.complexity;
    expect([learned(900), learned(5_000), learned(24_000), learned(96_000), learned(9_000_000)]).toEqual([
      "low",
      "low",
      "medium",
      "high",
      "high",
    ]);
    expect(learned(5_000, 2)).toBeNull();
  });

  test("is always an amount that was seen, its median never above its 90th percentile, in whatever order the past comes", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), (amounts) => {
        const estimate = (values: number[]) =>
          estimateTask(
            values.map((seconds) => past(seconds)),
            toCome,
            perToken,
          );
        const { median, p90 } = estimate(amounts)?.seconds ?? { median: -1, p90: -1 };
        expect([amounts.includes(median), amounts.includes(p90), median <= p90]).toEqual([true, true, true]);
        expect(amounts.filter((amount) => amount <= median).length * 2).toBeGreaterThanOrEqual(amounts.length);
        expect(amounts.filter((amount) => amount <= p90).length * 10).toBeGreaterThanOrEqual(amounts.length * 9);
        expect(estimate(amounts.toReversed())).toEqual(estimate(amounts));
      }),
    );
  });
});

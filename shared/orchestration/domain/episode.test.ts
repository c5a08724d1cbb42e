import { describe, expect, test } from "vitest";
import { describeEpisode } from "./episode.ts";

describe("what is remembered of a run", () => {
  test("is its goal, its summary and its points", () => {
    expect(describeEpisode("Count the birds", { summary: "There are three", key_points: ["one is red"], confidence: 1 })).toBe(
      "Goal: Count the birds\nOutcome: There are three\n- one is red",
    );
  });

  test("is its goal alone when the result is of another form", () => {
    expect(describeEpisode("Count the birds", "three")).toBe("Goal: Count the birds\nOutcome: ");
  });

  test("keeps within bounds whatever was asked and answered", () => {
    const text = describeEpisode("g".repeat(200_000), { summary: "s".repeat(20_000), key_points: ["p".repeat(2_000)] });

    expect(text.length).toBeLessThan(5_100);
    expect(text).toMatch(/^Goal: g{1000}\nOutcome: s{4000}$/);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findLinks, listSteps, numberSteps } from "./step-references.ts";

describe("ways to point at steps", () => {
  it.each([
    ["using the previous step, count", "using step 3, count"],
    ["using step two", "using step 2"],
    ["the result of the first step", "the result of step 1"],
    ["steps 1 to 3", "steps 1, 2 and 3"],
    ["steps 1-2", "steps 1 and 2"],
    ["step 1 through step 3", "steps 1, 2 and 3"],
    ["all previous steps", "steps 1, 2 and 3"],
    ["the previous two steps", "steps 2 and 3"],
    ["step #2", "step 2"],
  ])("%s is %s", (text, canonical) => {
    expect(numberSteps(text, 4)).toBe(canonical);
  });

  it("a difference is no range, and quoted text no reference", () => {
    expect(numberSteps("compute the result of step 3 - 2", 4)).toBe("compute the result of step 3 - 2");
    expect(numberSteps("compute the result of step 1 - 2", 4)).toBe("compute the result of step 1 - 2");
    expect(numberSteps("write 'the previous step' to x.txt", 4)).toBe("write 'the previous step' to x.txt");
  });
});

describe("links of a step", () => {
  const none = { uses: [], follows: [], precedes: [], besides: [], isBeside: false };

  it.each([
    ["Using step 1, compute the mean", { ...none, uses: [1], work: "compute the mean" }],
    ["Compute the mean using steps 1, 2 and 3.", { ...none, uses: [1, 2, 3], work: "Compute the mean" }],
    ["With the result of step 2, count rows", { ...none, uses: [2], work: "count rows" }],
    ["Count rows (using step 1)", { ...none, uses: [1], work: "Count rows" }],
    ["Use step 2's table to find the maximum", { ...none, uses: [2], work: "find the maximum" }],
    ["After step 1 is done, count rows", { ...none, follows: [1], work: "count rows" }],
    ["In parallel with step 2, count rows", { ...none, besides: [2], work: "count rows" }],
    ["Count rows at the same time as step 2", { ...none, besides: [2], work: "Count rows" }],
    ["Before step 3, count rows", { ...none, precedes: [3], work: "count rows" }],
    ["In parallel, count rows", { ...none, isBeside: true, work: "count rows" }],
    ["Independently of step 1, count rows", { ...none, work: "count rows" }],
    ["Using step 1 and in parallel with step 2, count rows", { ...none, uses: [1], besides: [2], work: "count rows" }],
  ])("%s", (text, links) => {
    expect(findLinks(text)).toEqual(links);
  });

  it("are kept in place where they say what is meant", () => {
    expect(findLinks("multiply the result of step 1 by step 2")).toEqual({
      ...none,
      uses: [1, 2],
      work: "multiply the result of step 1 by step 2",
    });
  });

  it("never take a number of the step for a step", () => {
    expect(findLinks("Using step 1, 2 minus 3").work).toBe("2 minus 3");
    expect(findLinks("After steps 1 and 2, 5 minus 3").work).toBe("5 minus 3");
    expect(findLinks("After step 1, 5 + 3")).toMatchObject({ follows: [1], work: "5 + 3" });
  });

  it("change nothing in a step that has none, but for the sign at its end", () => {
    for (const work of [".5 * 4", "Write ../a.txt", "count rows where a is 'x, y. '", "3 + .25"]) expect(findLinks(work).work).toBe(work);
    expect(findLinks("Count rows. ").work).toBe("Count rows");
  });

  it("are read back from how steps are listed", () => {
    const steps = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(steps, (list) => {
        expect(findLinks(`using ${listSteps(list)}, count rows`)).toEqual({
          ...none,
          uses: [...list].sort((a, b) => a - b),
          work: "count rows",
        });
      }),
    );
  });
});

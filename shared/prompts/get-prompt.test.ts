import { expect, test } from "vitest";
import { getPrompt } from "./get-prompt.ts";

test("a prompt that was never published does not exist", () => {
  expect(() => getPrompt("planner", 99)).toThrow(expect.objectContaining({ code: "not-found" }));
  expect(() => getPrompt("__proto__", 1)).toThrow(expect.objectContaining({ code: "not-found" }));
});

test("a prompt is the same object each time", () => {
  expect(getPrompt("critic", 1)).toBe(getPrompt("critic", 1));
});

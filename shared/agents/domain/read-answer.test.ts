import { describe, expect, test } from "vitest";
import * as z from "zod";
import { readAnswer } from "./read-answer.ts";

const Answer = z.strictObject({ value: z.number(), parts: z.array(z.strictObject({ name: z.string() })) });
const read = (text: string) => readAnswer(text, Answer, ({ value }) => ({ kind: "done", result: value }));
const accepted = { ok: true, next: { kind: "done", result: 1 } };
const correctionOf = (text: string) => {
  const reading = read(text);
  return reading.ok ? undefined : reading.correction;
};

describe("an answer in words", () => {
  test.each([
    ["JSON", '{"value": 1, "parts": []}'],
    ["JSON between blanks", '\n {"value": 1, "parts": []} \n'],
    ["JSON in a fence", '```json\n{"value": 1, "parts": []}\n```'],
    ["JSON in a fence without a language", '```\n{"value": 1, "parts": []}\n```\n'],
  ])("is read as %s", (_, text) => {
    expect(read(text)).toEqual(accepted);
  });

  test.each([
    ["words around the JSON", 'Here you are: {"value": 1, "parts": []}'],
    ["words around a fence", 'Here:\n```json\n{"value": 1, "parts": []}\n```'],
    ["nothing", ""],
    ["half of it", '{"value": 1, "par'],
  ])("is refused as no JSON: %s", (_, text) => {
    expect(correctionOf(text)).toBe("Your answer was not valid JSON. Answer again with the JSON object only.");
  });

  test("is refused with each place that does not fit", () => {
    expect(correctionOf('{"value": "1", "parts": [{"name": 2}]}')).toMatch(
      /^Your answer did not match the schema:\n- value: .*\n- parts\.0\.name: .*\nAnswer again with the whole JSON object\.$/,
    );
  });

  test("is refused as a whole when it is of another kind, or says more than it may", () => {
    expect(correctionOf("[]")).toContain("- (root): ");
    expect(correctionOf('{"value": 1, "parts": [], "more": true}')).toContain("- (root): ");
  });

  test("is refused with twenty places at most", () => {
    const parts = Array.from({ length: 50 }, () => ({ name: 1 }));

    expect(correctionOf(JSON.stringify({ value: 1, parts }))?.match(/^- /gm)).toHaveLength(20);
  });

  test("may be refused by its reader", () => {
    const refusal = { ok: false as const, correction: "not today" };

    expect(readAnswer('{"value": 1, "parts": []}', Answer, () => refusal)).toBe(refusal);
  });
});

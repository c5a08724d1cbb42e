import { readFileSync } from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { estimateTokens } from "./estimate-tokens.ts";

const penguins = readFileSync(path.join(import.meta.dirname, "../../examples/penguins.csv"), "utf8").slice(0, 6_000);

/** The greater of the counts of o200k_base and cl100k_base, made once with gpt-tokenizer 4.0.0. */
const samples: Record<string, { text: string; tokens: number }> = {
  "a CSV file": { text: penguins, tokens: 3208 },
  "base64 of it": { text: Buffer.from(penguins).toString("base64").slice(0, 4_000), tokens: 2726 },
  "hexadecimal digits of it": { text: Buffer.from(penguins).toString("hex").slice(0, 1_000), tokens: 524 },
  "English prose": {
    text: "A critic checks the results of a run against its goal, and a summarizer reports what came of it in a few plain sentences. ",
    tokens: 28,
  },
  "German prose": {
    text: "Die Donaudampfschifffahrtsgesellschaft veröffentlichte gestern überraschende Geschäftszahlen für das vergangene Jahr. ",
    tokens: 36,
  },
  "JSON records": {
    text: JSON.stringify(Array.from({ length: 60 }, (_, index) => ({ id: index, value: index / 8, name: `n${index}` }))),
    tokens: 887,
  },
  "a program": {
    text: 'const rows = files["a.csv"].split("\\n").slice(1); for (const row of rows) total += Number(row.split(",")[3]); output(total / rows.length);',
    tokens: 38,
  },
  "rows of decimals": { text: "3.14159,2.71828,1.41421\n".repeat(50), tokens: 750 },
  punctuation: { text: "!@#$%^&*()_+{}|:<>?~-=[];,./".repeat(20), tokens: 360 },
  "capital letters": { text: "XKQJZ WVTRP QXZ KJHGFDSA ".repeat(40), tokens: 602 },
  "blank space": { text: "a   b\n\n   c\t\td  ".repeat(50), tokens: 450 },
  UUIDs: { text: "0198c5a2-7b1e-7c3d-9f04-5e6a7b8c9d01\n".repeat(30), tokens: 990 },
  Japanese: { text: "日本語の文章をトークンに分けるときの数を確かめるための例文です。", tokens: 32 },
  "a rare script": { text: "Ꮳꮃꭹ ꮝꭶꮪ ᚠᚢᚦᚨᚱᚲ ".repeat(20), tokens: 760 },
  emoji: { text: "👩‍👩‍👧‍👦🎉🥳🧑🏽‍🚀".repeat(30), tokens: 1050 },
};

test.for(Object.entries(samples))("%s: the guess is not below the true count and not wildly above it", ([, { text, tokens }]) => {
  const guess = estimateTokens(text).tokens;
  expect(guess).toBeGreaterThanOrEqual(tokens);
  expect(guess).toBeLessThanOrEqual(tokens * 4);
});

test("the guess of several texts is the sum, says that it is one, and grows with the text", () => {
  expect(estimateTokens("one two", "three")).toEqual({
    tokens: estimateTokens("one two").tokens + estimateTokens("three").tokens,
    estimated: true,
  });
  expect(estimateTokens()).toEqual({ tokens: 0, estimated: true });
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(estimateTokens(text).tokens).toBeGreaterThanOrEqual(Buffer.byteLength(text) / 3);
    }),
  );
});

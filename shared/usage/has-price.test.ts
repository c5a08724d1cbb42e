import { expect, test } from "vitest";
import { hasPrice } from "./has-price.ts";

test("a model has a price when it is free by its nature or somebody's list knows it, and one that was made up has none", async () => {
  const models = ["offline:rules", "openai:gpt-4o", "openai:no-such-model", "nobody:model"];
  const answers = await Promise.all(models.map((model) => hasPrice(model, new Date("2026-01-01"))));
  expect(answers).toEqual([true, true, false, false]);
});

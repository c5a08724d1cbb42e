import { expect, test } from "vitest";
import { chooseDefaultModel } from "./default-model.ts";

test("without any setting the offline rules answer", () => {
  expect(chooseDefaultModel({})).toBe("offline:offline-rules-v1");
  expect(chooseDefaultModel({ OPENAI_MODEL: "gpt-6-sol" })).toBe("offline:offline-rules-v1");
});

test("a key chooses OpenAI's small model, or the one that is named", () => {
  expect(chooseDefaultModel({ OPENAI_API_KEY: "k" })).toBe("openai:gpt-6-luna");
  expect(chooseDefaultModel({ OPENAI_API_KEY: "k", OPENAI_MODEL: "gpt-6-sol" })).toBe("openai:gpt-6-sol");
});

test("DEFAULT_MODEL wins over a key", () => {
  expect(chooseDefaultModel({ OPENAI_API_KEY: "k", DEFAULT_MODEL: "offline:offline-rules-v1" })).toBe("offline:offline-rules-v1");
});

test("a name without a provider and an address without a key are refused in words", () => {
  expect(() => chooseDefaultModel({ DEFAULT_MODEL: "gpt-6-luna" })).toThrow(/DEFAULT_MODEL.*provider:model/);
  expect(() => chooseDefaultModel({ OPENAI_API_KEY: "k", OPENAI_MODEL: "two words" })).toThrow(/OPENAI_MODEL/);
  expect(() => chooseDefaultModel({ OPENAI_BASE_URL: "http://127.0.0.1:1/v1" })).toThrow(/OPENAI_API_KEY/);
});

import { expect, test } from "vitest";
import { ModelName } from "../contracts/model-name.ts";
import { acceptsTemperature, isGenerative, OFFLINE_MODEL, OPENAI_MODELS, splitModelName } from "./capabilities.ts";

test("a model's name is split at its first colon", () => {
  expect(splitModelName("openai:gpt-6-luna")).toEqual({ provider: "openai", id: "gpt-6-luna" });
  expect(splitModelName("ollama:qwen3:8b")).toEqual({ provider: "ollama", id: "qwen3:8b" });
  expect(splitModelName("gpt-4")).toEqual({ provider: "", id: "gpt-4" });
});

test("reasoning models get no temperature, others do", () => {
  for (const model of [...OPENAI_MODELS, "openai:o3", "openai:o4-mini", "openai:gpt-5", "openai:gpt-10-sol"]) {
    expect([model, acceptsTemperature(model)]).toEqual([model, false]);
  }
  for (const model of ["openai:gpt-4o", "openai:gpt-4.1-mini", "openai:gpt-oss-20b", "openai:llama-4", "openai:olmo-2", OFFLINE_MODEL]) {
    expect([model, acceptsTemperature(model)]).toEqual([model, true]);
  }
});

test("only the offline rules are not generative", () => {
  expect([OFFLINE_MODEL, ...OPENAI_MODELS].filter((model) => !isGenerative(model))).toEqual([OFFLINE_MODEL]);
});

test("a model's name may hold the colon of a local tag, but not spaces or an empty part", () => {
  expect(ModelName.safeParse("ollama:qwen3:8b").success).toBe(true);
  for (const name of ["gpt-4", "openai:", ":gpt-4", "openai:gpt 4", "OpenAI:gpt-4"])
    expect([name, ModelName.safeParse(name).success]).toEqual([name, false]);
});

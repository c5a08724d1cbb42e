import { expect, test } from "vitest";
import { createProviders } from "../../shared/llm/hands/create-providers.ts";
import { openOpenAiKey } from "../../shared/llm/hands/openai-key.ts";
import { createOpenAiFake } from "../fakes/openai-fake.ts";
import { findTool, plannerCall, sampleCall } from "./sample-call.ts";

const signal = new AbortController().signal;

test("calls go to the provider that the model's name begins with", async () => {
  const fake = await createOpenAiFake();
  const getProvider = createProviders({
    openai: { getApiKey: async () => fake.apiKey, baseUrl: fake.baseUrl, timeoutSeconds: 10, findTool },
  });
  const [offline, openai, again] = await Promise.all(
    ["offline:offline-rules-v1", "openai:gpt-6-luna", "openai:gpt-6-sol"].map(getProvider),
  );
  expect(openai).toBe(again);
  const goal = { goal: "1. Compute 6 * 7.", files: [], memories: [] };
  const rules = await offline?.complete(plannerCall({ model: "offline:offline-rules-v1", variables: goal }), { signal });
  expect(rules).toMatchObject({ answer: { model: "offline-rules-v1" }, usage: { model: "offline-rules-v1" } });
  expect(fake.calls).toHaveLength(0);
  expect(await openai?.complete(sampleCall(), { signal })).toMatchObject({ usage: { model: "gpt-6-luna" } });
  expect(fake.problems).toEqual([]);
  await fake.close();
});

test("a provider without its key, and one that is not built in, are refused in words", async () => {
  const getProvider = createProviders({ openai: { getApiKey: openOpenAiKey({}), timeoutSeconds: 10, findTool } });
  await expect(getProvider("openai:gpt-6-luna")).rejects.toMatchObject({
    code: "wrong-configuration",
    detail: expect.stringContaining("OPENAI_API_KEY"),
  });
  await expect(getProvider("acme:best")).rejects.toMatchObject({
    code: "wrong-configuration",
    detail: expect.stringContaining("acme:best"),
  });
});

test("a key that was changed is used from the next call on", async () => {
  const fake = await createOpenAiFake();
  let key = "sk-wrong";
  const getProvider = createProviders({ openai: { getApiKey: async () => key, baseUrl: fake.baseUrl, timeoutSeconds: 10, findTool } });
  const call = async () => (await getProvider("openai:gpt-6-luna")).complete(sampleCall(), { signal });

  await expect(call()).rejects.toMatchObject({ code: "provider-rejected" });
  key = fake.apiKey;
  expect(await call()).toMatchObject({ usage: { model: "gpt-6-luna" } });
  await fake.close();
});

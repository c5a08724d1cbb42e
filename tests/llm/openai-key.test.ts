import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openOpenAiKey } from "../../shared/llm/hands/openai-key.ts";
import { setRequestHandler } from "../../shared/platform/aws/client-options.ts";
import { createSecretsManager, type SecretsManager } from "../aws/secrets-manager.ts";

const SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:cognition-dev/openai-key-AbC123";
const MISSING = { code: "wrong-configuration", detail: "Models of openai need a key: set the secret cognition-dev/openai-key" };

let secrets: SecretsManager;
let now: number;
let getKey: () => Promise<string>;

beforeEach(() => {
  secrets = createSecretsManager({ [SECRET]: undefined });
  setRequestHandler(secrets.handler);
  now = 0;
  getKey = openOpenAiKey({ OPENAI_KEY_SECRET: SECRET }, () => now);
});
afterEach(() => setRequestHandler(undefined));

describe("the key in a secret", () => {
  test("is asked for in words while nobody has set it, and found as soon as somebody has", async () => {
    await expect(getKey()).rejects.toMatchObject(MISSING);
    secrets.setValue(SECRET, "sk-first\n");

    expect(await getKey()).toBe("sk-first");
  });

  test("that is blank is none", async () => {
    secrets.setValue(SECRET, " \n");

    await expect(getKey()).rejects.toMatchObject(MISSING);
  });

  test("is read once in five minutes, and then as it is by now", async () => {
    secrets.setValue(SECRET, "sk-first");
    const first = await Promise.all([getKey(), getKey()]);
    secrets.setValue(SECRET, "sk-second");
    now += 5 * 60_000;
    const kept = await getKey();
    const reads = secrets.reads();
    now += 1;

    expect([first, kept, reads, await getKey()]).toEqual([["sk-first", "sk-first"], "sk-first", 1, "sk-second"]);
  });

  test("counts, whatever the environment says", async () => {
    secrets.setValue(SECRET, "sk-first");

    expect(await openOpenAiKey({ OPENAI_KEY_SECRET: SECRET, OPENAI_API_KEY: "sk-other" })()).toBe("sk-first");
  });
});

test("without a secret the key is that of the environment", async () => {
  expect(await openOpenAiKey({ OPENAI_API_KEY: "sk-local" })()).toBe("sk-local");
});

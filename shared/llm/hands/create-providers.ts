import { AppError } from "../../platform/errors.ts";
import type { ModelName } from "../contracts/model-name.ts";
import { splitModelName } from "../domain/capabilities.ts";
import type { OpenAiSettings } from "./openai-compatible.ts";
import type { LlmProvider } from "./provider.ts";

export type GetProvider = (model: ModelName) => Promise<LlmProvider>;

/** The key is asked for with each call: it may be set, or changed, while the process lives. */
export type ProviderSettings = { openai: Omit<OpenAiSettings, "apiKey"> & { getApiKey: () => Promise<string> } };

/** Chooses by the model's prefix. Each provider is loaded with its first call: a process rarely needs two, and they are large. */
export function createProviders(settings: ProviderSettings): GetProvider {
  let offline: Promise<LlmProvider> | undefined;
  const getOpenAi = createOpenAi(settings.openai);
  return async (model) => {
    const { provider } = splitModelName(model);
    if (provider === "offline") return (offline ??= loadOffline());
    if (provider === "openai") return getOpenAi();
    throw new AppError("wrong-configuration", `The model ${model} names a provider that is not built in; there are offline and openai`);
  };
}

async function loadOffline(): Promise<LlmProvider> {
  const { createOfflineProvider } = await import("./offline/provider.ts");
  return createOfflineProvider();
}

function createOpenAi({ getApiKey, ...settings }: ProviderSettings["openai"]): () => Promise<LlmProvider> {
  let made: { apiKey: string; provider: LlmProvider } | undefined;
  return async () => {
    const [apiKey, { createOpenAiProvider }] = await Promise.all([getApiKey(), import("./openai-compatible.ts")]);
    if (made?.apiKey !== apiKey) made = { apiKey, provider: createOpenAiProvider({ ...settings, apiKey }) };
    return made.provider;
  };
}

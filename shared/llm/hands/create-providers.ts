import { AppError } from "../../platform/errors.ts";
import type { ModelName } from "../contract.ts";
import { splitModelName } from "../domain/capabilities.ts";
import type { OpenAiSettings } from "./openai-compatible.ts";
import type { LlmProvider } from "./provider.ts";

export type GetProvider = (model: ModelName) => Promise<LlmProvider>;

/** Without a key, calls of OpenAI's models are refused. */
export type ProviderSettings = { openai: Omit<OpenAiSettings, "apiKey"> & { apiKey: string | undefined } };

/** Chooses by the model's prefix. Each provider is loaded with its first call: a process rarely needs two, and they are large. */
export function createProviders(settings: ProviderSettings): GetProvider {
  let offline: Promise<LlmProvider> | undefined;
  let openai: Promise<LlmProvider> | undefined;
  return async (model) => {
    const { provider } = splitModelName(model);
    if (provider === "offline") return (offline ??= loadOffline());
    if (provider === "openai") return (openai ??= loadOpenAi(settings.openai));
    throw new AppError("wrong-configuration", `The model ${model} names a provider that is not built in; there are offline and openai`);
  };
}

async function loadOffline(): Promise<LlmProvider> {
  const { createOfflineProvider } = await import("./offline/provider.ts");
  return createOfflineProvider();
}

async function loadOpenAi({ apiKey, ...settings }: ProviderSettings["openai"]): Promise<LlmProvider> {
  if (apiKey === undefined) throw new AppError("wrong-configuration", "Models of openai need OPENAI_API_KEY");
  const { createOpenAiProvider } = await import("./openai-compatible.ts");
  return createOpenAiProvider({ ...settings, apiKey });
}

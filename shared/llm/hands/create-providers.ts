import { AppError } from "../../platform/errors.ts";
import type { ModelName } from "../contract.ts";
import { splitModelName } from "../domain/capabilities.ts";
import { createOfflineProvider } from "./offline/provider.ts";
import type { OpenAiSettings } from "./openai-compatible.ts";
import type { LlmProvider } from "./provider.ts";

export type GetProvider = (model: ModelName) => Promise<LlmProvider>;

/** Without a key, calls of OpenAI's models are refused. */
export type ProviderSettings = { openai: Omit<OpenAiSettings, "apiKey"> & { apiKey: string | undefined } };

/** Chooses by the model's prefix. A vendor's client is loaded with its first call: it costs a tenth of a second of start. */
export function createProviders(settings: ProviderSettings): GetProvider {
  const offline = createOfflineProvider();
  let openai: Promise<LlmProvider> | undefined;
  return async (model) => {
    const { provider } = splitModelName(model);
    if (provider === "offline") return offline;
    if (provider === "openai") return (openai ??= loadOpenAi(settings.openai));
    throw new AppError("wrong-configuration", `The model ${model} names a provider that is not built in; there are offline and openai`);
  };
}

async function loadOpenAi({ apiKey, ...settings }: ProviderSettings["openai"]): Promise<LlmProvider> {
  if (apiKey === undefined) throw new AppError("wrong-configuration", "Models of openai need OPENAI_API_KEY");
  const { createOpenAiProvider } = await import("./openai-compatible.ts");
  return createOpenAiProvider({ ...settings, apiKey });
}

/** The rule-based engine that needs no key; always there. */
export const OFFLINE_MODEL = "offline:offline-rules-v1";

/** OpenAI's chat models of today, the most capable of each line first. */
export const OPENAI_MODELS = [
  "openai:gpt-6-astra",
  "openai:gpt-6.1-sol",
  "openai:gpt-6.1-terra",
  "openai:gpt-6-sol",
  "openai:gpt-6-luna",
  "openai:gpt-5.6-sol",
  "openai:gpt-5.6-terra",
  "openai:gpt-5.6-luna",
  "openai:gpt-5.5",
  "openai:gpt-5.4",
  "openai:gpt-5.4-mini",
  "openai:gpt-5.4-nano",
] as const;

/** Splits `provider:model` at its first colon; a local model's own name may hold another. */
export function splitModelName(model: string): { provider: string; id: string } {
  const colon = model.indexOf(":");
  return { provider: model.slice(0, Math.max(0, colon)), id: model.slice(colon + 1) };
}

/** Whether the model answers from what it learned; the offline rules only carry out what a text says word for word. */
export function isGenerative(model: string): boolean {
  return splitModelName(model).provider !== "offline";
}

/** OpenAI's reasoning models answer 400 to any temperature but their own. Unknown models of compatible servers take one. */
export function acceptsTemperature(model: string): boolean {
  return !/^(?:o\d|gpt-(?:[5-9]|\d{2,}))/.test(splitModelName(model).id);
}

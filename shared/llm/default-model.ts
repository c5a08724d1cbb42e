import * as z from "zod";
import { AppError } from "../platform/errors.ts";
import { ModelName } from "./contracts/model-name.ts";
import { OFFLINE_MODEL } from "./domain/capabilities.ts";

/** What the environment says about models; for `readEnv`. */
export const ModelSettings = z.object({
  DEFAULT_MODEL: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_MODEL: z.string().optional(),
  OPENAI_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
});
export type ModelSettings = z.infer<typeof ModelSettings>;

const OPENAI_DEFAULT = "gpt-6-luna";

/**
 * The model of agents that name none: DEFAULT_MODEL as it is, else OpenAI's (or a compatible server's) when its key is set, else the offline
 * rules. Throws `wrong-configuration` for a name that is not `provider:model`, and for a server's address without a key: silently falling back
 * to the rules would not be what the person asked for.
 */
export function chooseDefaultModel(settings: ModelSettings): ModelName {
  if (settings.DEFAULT_MODEL !== undefined) return checkName("DEFAULT_MODEL", settings.DEFAULT_MODEL);
  if (settings.OPENAI_API_KEY !== undefined) return checkName("OPENAI_MODEL", `openai:${settings.OPENAI_MODEL ?? OPENAI_DEFAULT}`);
  if (settings.OPENAI_BASE_URL !== undefined) {
    throw new AppError("wrong-configuration", "OPENAI_BASE_URL needs OPENAI_API_KEY; a server that checks no key takes any text");
  }
  return OFFLINE_MODEL;
}

function checkName(variable: string, name: string): ModelName {
  const parsed = ModelName.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new AppError("wrong-configuration", `${variable} gives the model "${name}", which is not of the form provider:model`);
}

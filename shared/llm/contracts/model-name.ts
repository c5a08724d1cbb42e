import * as z from "zod";

/** A model is named `provider:model`, for example `offline:offline-rules-v1` or `openai:gpt-6-luna`. */
export const ModelName = z.string().regex(/^[a-z][a-z0-9-]*:[\w.:/@-]{1,200}$/);
export type ModelName = z.infer<typeof ModelName>;

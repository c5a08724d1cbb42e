import * as z from "zod";
import { JsonObject } from "../platform/json.ts";

/** One version of a prompt, as `prompts/published.json` holds it. */
export const Prompt = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,49}$/),
  version: z.int().min(1),
  description: z.string().min(1),
  /** What each variable holds, in words. `inputs` and `tools` are filled from the call itself. */
  variables: z.record(z.string().regex(/^[a-z][a-z0-9_]{0,49}$/), z.string().min(1)),
  params: z.strictObject({ max_output_tokens: z.int().min(1), temperature: z.number().min(0).max(2).nullable() }),
  changelog: z.string().min(1),
  /** The JSON schema of the answer: closed objects, all properties required. */
  output_schema: JsonObject,
  /** Ours alone: no variable is ever filled in here, so it stays the same for every call. */
  system: z.string().min(1),
  /** Holds each variable's placeholder, alone on its line. */
  user: z.string().min(1),
});
export type Prompt = Readonly<z.infer<typeof Prompt>>;

const PLACEHOLDER_LINE = /^\{\{([a-z][a-z0-9_]*)\}\}$/;

/** The variable whose place this line of the user section is. */
export function readPlaceholder(line: string): string | undefined {
  return PLACEHOLDER_LINE.exec(line)?.[1];
}

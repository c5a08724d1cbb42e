import criticText from "../../prompts/critic/v1.md";
import criticSchema from "../../prompts/critic/v1.schema.json" with { type: "json" };
import executorText from "../../prompts/executor/v1.md";
import executorSchema from "../../prompts/executor/v1.schema.json" with { type: "json" };
import plannerText from "../../prompts/planner/v1.md";
import plannerSchema from "../../prompts/planner/v1.schema.json" with { type: "json" };
import summarizerText from "../../prompts/summarizer/v1.md";
import summarizerSchema from "../../prompts/summarizer/v1.schema.json" with { type: "json" };
import { notFound } from "../platform/errors.ts";
import { JsonObject } from "../platform/json.ts";
import { type Prompt, parsePrompt } from "./parse-prompt.ts";

/** Every published version, inside the bundle. A new version is two more imports and a line here. */
const PUBLISHED: Readonly<Record<string, { text: string; schema: unknown }>> = {
  "planner/v1": { text: plannerText, schema: plannerSchema },
  "executor/v1": { text: executorText, schema: executorSchema },
  "critic/v1": { text: criticText, schema: criticSchema },
  "summarizer/v1": { text: summarizerText, schema: summarizerSchema },
};

const parsed = new Map<string, Prompt>();

/** The prompt of this name and version, parsed when first asked for. Throws `not-found` for one that was never published. */
export function getPrompt(name: string, version: number): Prompt {
  const key = `${name}/v${version}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const published = Object.hasOwn(PUBLISHED, key) ? PUBLISHED[key] : undefined;
  if (published === undefined) throw notFound(`The prompt ${name} version ${version}`);
  const prompt = parsePrompt(published.text, JsonObject.parse(published.schema));
  parsed.set(key, prompt);
  return prompt;
}

/** Names and versions of all published prompts, in no promised order. */
export function listPrompts(): { name: string; version: number }[] {
  return Object.keys(PUBLISHED).map((key) => {
    const [name = "", version = ""] = key.split("/v");
    return { name, version: Number(version) };
  });
}

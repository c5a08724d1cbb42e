import publishedFile from "../../prompts/published.json" with { type: "json" };
import { notFound } from "../platform/errors.ts";
import { Prompt } from "./prompt.ts";

/** Every published version by `name/version`, inside the bundle and read long before: no function needs a reader of YAML. */
const published: Readonly<Record<string, unknown>> = publishedFile;

const known = new Map<string, Prompt>();

/** The prompt of this name and version. Throws `not-found` for one that was never published. */
export function getPrompt(name: string, version: number): Prompt {
  const key = `${name}/v${version}`;
  let prompt = known.get(key);
  if (prompt === undefined) {
    if (!Object.hasOwn(published, key)) throw notFound(`The prompt ${name} version ${version}`);
    prompt = Prompt.parse(published[key]);
    known.set(key, prompt);
  }
  return prompt;
}

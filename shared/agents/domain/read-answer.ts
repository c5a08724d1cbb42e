import type * as z from "zod";
import { parseStorable } from "../../platform/storable-json.ts";
import type { Reading } from "./converse.ts";
import type { Next } from "./journal.ts";

/**
 * Reads a model's final text as JSON of one schema. Models like to fence their JSON; a single fence around the whole is taken off.
 * Anything else that does not fit comes back as a correction that names each problem.
 */
export function readAnswer<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  accept: (answer: z.infer<Schema>) => Reading | Next,
): Reading {
  let value: unknown;
  try {
    value = parseStorable(stripFence(text));
  } catch {
    return { ok: false, correction: "Your answer was not valid JSON. Answer again with the JSON object only." };
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.slice(0, 20).map((issue) => `- ${issue.path.join(".") || "(root)"}: ${issue.message}`);
    return {
      ok: false,
      correction: `Your answer did not match the schema:\n${problems.join("\n")}\nAnswer again with the whole JSON object.`,
    };
  }
  const accepted = accept(parsed.data);
  return "ok" in accepted ? accepted : { ok: true, next: accepted };
}

function stripFence(text: string): string {
  const match = /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text);
  return match?.[1] ?? text;
}

import { AppError } from "../platform/errors.ts";
import type { JsonValue } from "../platform/json.ts";
import { type Prompt, readPlaceholder } from "./prompt.ts";

export type PromptValues = {
  /** Exactly the variables that the prompt declares, but for `inputs` and `tools`. */
  readonly variables: Readonly<Record<string, JsonValue>>;
  /** The results of earlier tasks. */
  readonly inputs: readonly JsonValue[];
  /** Tools that the prompt describes; not used by a prompt whose model may call them. */
  readonly tools: readonly { readonly name: string; readonly description: string }[];
};

/**
 * Fills a prompt: the system section as it stands, the user section with each variable in a fence of its own that the value cannot end.
 * Throws `invalid-request` when a declared variable is missing, an undeclared one is given, or inputs come to a prompt that shows none.
 */
export function renderPrompt(prompt: Prompt, values: PromptValues): { system: string; user: string } {
  const available = collectValues(prompt, values);
  const user = prompt.user
    .split("\n")
    .map((line) => {
      const name = readPlaceholder(line);
      return name === undefined ? line : fence(name, formatValue(available.get(name) ?? null));
    })
    .join("\n");
  return { system: prompt.system, user };
}

/** A prompt that describes the tools has no use for calls of them: only the others offer them to the model. */
export function offersToolCalls(prompt: Prompt): boolean {
  return !Object.hasOwn(prompt.variables, "tools");
}

function collectValues(prompt: Prompt, values: PromptValues): Map<string, JsonValue> {
  const declared = Object.keys(prompt.variables);
  const given = new Map<string, JsonValue>(Object.entries(values.variables));
  const refuse = (reason: string) => new AppError("invalid-request", `The prompt ${prompt.name} version ${prompt.version} ${reason}`);
  if (given.has("inputs") || given.has("tools")) throw refuse("fills inputs and tools from the call, not from variables");
  if (values.inputs.length > 0 && !declared.includes("inputs")) throw refuse("does not show results of earlier tasks");
  const unknown = [...given.keys()].filter((name) => !declared.includes(name));
  if (unknown.length > 0) throw refuse(`has no variable ${unknown.join(", ")}`);
  given.set("inputs", [...values.inputs]);
  given.set(
    "tools",
    values.tools.map(({ name, description }) => ({ name, description })),
  );
  const missing = declared.filter((name) => !given.has(name));
  if (missing.length > 0) throw refuse(`needs the variable ${missing.join(", ")}`);
  return given;
}

/** A text as it is, a list as one JSON value a line, anything else as JSON. */
function formatValue(value: JsonValue): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return JSON.stringify(value);
  return value.length === 0 ? "(none)" : value.map((item) => JSON.stringify(item)).join("\n");
}

/** CommonMark's rule: only a run of at least as many backticks ends a fence, so one more than the longest run inside is never ended by it. */
function fence(label: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const bar = "`".repeat(longest + 1);
  return `${bar}${label}\n${text}\n${bar}`;
}

import { parse as parseYaml } from "yaml";
import * as z from "zod";
import { AppError } from "../../shared/platform/errors.ts";
import type { JsonObject } from "../../shared/platform/json.ts";
import { Prompt, readPlaceholder } from "../../shared/prompts/prompt.ts";

const FrontMatter = Prompt.omit({ system: true, user: true }).extend({ output_schema: z.string().min(1) });

/**
 * Reads one prompt file: YAML front matter, then `## system` and `## user`, each once and in this order.
 * Throws `wrong-configuration` with the reason for a file that breaks the format, so that nobody publishes it.
 */
export function parsePrompt(file: string, outputSchema: JsonObject): Prompt {
  const [, head, body] = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(file) ?? [];
  if (head === undefined || body === undefined) throw broken("it does not begin with front matter between lines of ---");
  const front = readFrontMatter(head);
  const { system, user } = splitSections(body);
  checkPlaceholders(system, user, Object.keys(front.variables));
  const { output_schema: _path, ...described } = front;
  return { ...described, output_schema: outputSchema, system, user };
}

function readFrontMatter(head: string): z.infer<typeof FrontMatter> {
  let value: unknown;
  try {
    value = parseYaml(head);
  } catch (cause) {
    throw broken("its front matter is not YAML", cause);
  }
  const parsed = FrontMatter.safeParse(value);
  if (!parsed.success) throw broken(z.prettifyError(parsed.error));
  return parsed.data;
}

function splitSections(body: string): { system: string; user: string } {
  const lines = body.split(/\r?\n/);
  const headings = lines.flatMap((line, index) => (/^##? /.test(line) ? [{ line, index }] : []));
  const [first, second, ...more] = headings;
  if (first?.line !== "## system" || second?.line !== "## user" || more.length > 0) {
    throw broken("its sections must be ## system and ## user, once and in this order");
  }
  const system = lines
    .slice(first.index + 1, second.index)
    .join("\n")
    .trim();
  const user = lines
    .slice(second.index + 1)
    .join("\n")
    .trim();
  if (system === "" || user === "") throw broken("a section is empty");
  return { system, user };
}

function checkPlaceholders(system: string, user: string, declared: readonly string[]): void {
  if (system.includes("{{")) throw broken("the system section must not hold a variable");
  const used = user.split("\n").flatMap((line) => readPlaceholder(line) ?? []);
  if (user.split("{{").length - 1 !== used.length) throw broken("a variable in the user section must stand alone on its line");
  const undeclared = used.filter((name) => !declared.includes(name));
  const unused = declared.filter((name) => !used.includes(name));
  if (undeclared.length > 0) throw broken(`it uses undeclared variables: ${undeclared.join(", ")}`);
  if (unused.length > 0) throw broken(`it declares variables that it does not use: ${unused.join(", ")}`);
}

const broken = (reason: string, cause?: unknown): AppError =>
  new AppError("wrong-configuration", `A prompt file cannot be used: ${reason}`, { cause });

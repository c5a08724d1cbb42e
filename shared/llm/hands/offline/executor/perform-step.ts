import * as z from "zod";
import { unsupportedOffline } from "../../../../platform/errors.ts";
import type { Action, Content, Expression } from "../grammar/readings.ts";
import type { FileResult, SingleResult } from "../results.ts";
import { extensionOf, isTablePath } from "../text/paths.ts";
import { renderSections } from "../writing/render-file.ts";
import type { Section } from "../writing/render-markdown.ts";
import { askArithmetic, askQuery, askSelection, inspectFile } from "./ask-table.ts";
import { describeExpression } from "./describe-expression.ts";
import { findReading } from "./find-reading.ts";
import type { KnownTable } from "./known-table.ts";
import type { Work } from "./replay.ts";
import { resolveReference } from "./resolve-references.ts";
import type { StepContext } from "./step-context.ts";
import { substituteResults } from "./substitute-results.ts";

const ReadFile = z.object({ path: z.string(), bytes: z.number(), sha256: z.string(), content: z.string(), truncated: z.boolean() });
const WrittenFile = z.object({ path: z.string(), bytes: z.number(), sha256: z.string() });

const PREVIEW_CHARACTERS = 400;

/**
 * Carries out a step: its actions in order, each seeing what the earlier ones gave.
 * @returns the results in the order they were made, at least one
 * @throws AppError `unsupported_offline` with the reason, or the error of the tool that failed
 */
export function* performStep(context: StepContext): Work<readonly SingleResult[]> {
  const { reading, table } = yield* findReading(context);
  const own: Section[] = [];
  for (const action of reading) {
    for (const result of yield* perform(action, table, own, context)) own.push({ step: null, name: context.name, result });
  }
  return own.map((section) => section.result);
}

function* perform(action: Action, table: KnownTable | null, own: readonly Section[], context: StepContext): Work<readonly SingleResult[]> {
  switch (action.action) {
    case "read":
      return [yield* readFile(action.path)];
    case "arithmetic":
      return [yield* calculate(action.expression, own, context)];
    case "query":
      return [yield* askQuery(action.query, requireTable(table))];
    case "select":
      return [yield* askSelection(action.selection, requireTable(table))];
    case "write":
      return yield* write(action, table, own, context);
  }
}

function requireTable(table: KnownTable | null): KnownTable {
  if (table === null) throw new Error("a question was read without a table");
  return table;
}

function* readFile(path: string): Work<FileResult> {
  const file = ReadFile.parse(yield { name: "read_file", arguments: { path } });
  const preview = file.content.slice(0, PREVIEW_CHARACTERS);
  const known = { kind: "file" as const, path: file.path, bytes: file.bytes, sha256: file.sha256, preview };
  if (!isTablePath(path)) return known;
  const { columns, rows } = yield* inspectFile(path);
  return { ...known, columns, rows };
}

function* calculate(expression: Expression, own: readonly Section[], context: StepContext): Work<SingleResult> {
  const label = describeExpression(expression);
  return yield* askArithmetic(substituteResults(expression, own, context), label);
}

type WriteAction = Extract<Action, { readonly action: "write" }>;

function* write(
  action: WriteAction,
  table: KnownTable | null,
  own: readonly Section[],
  context: StepContext,
): Work<readonly SingleResult[]> {
  const { path, report, contents } = action;
  const sections: Section[] = [];
  const made: SingleResult[] = [];
  for (const content of contents) {
    if (content.content === "text") return [yield* writeFile(path, content.text)];
    const found = yield* gather(content, table, own, context, report);
    if (content.content !== "results") made.push(...found.map((section) => section.result));
    sections.push(...found);
  }
  const unique = [...new Map(sections.map((section) => [JSON.stringify([section.step, section.result]), section])).values()];
  const [only] = unique;
  if (only !== undefined && unique.length === 1 && only.result.kind === "file" && !report) return [yield* copyFile(only.result, path)];
  return [...made, yield* writeFile(path, renderSections(path, unique, report, context.goal))];
}

type Dynamic = Exclude<Content, { readonly content: "text" }>;

function* gather(
  content: Dynamic,
  table: KnownTable | null,
  own: readonly Section[],
  context: StepContext,
  report: boolean,
): Work<readonly Section[]> {
  const section = (result: SingleResult): Section => ({ step: null, name: context.name, result });
  switch (content.content) {
    case "results":
      return content.references.flatMap((reference) => resolveReference(reference, context, own, report));
    case "query":
      return [section(yield* askQuery(content.query, requireTable(table)))];
    case "arithmetic":
      return [section(yield* calculate(content.expression, own, context))];
  }
}

function* copyFile(from: FileResult, path: string): Work<FileResult> {
  if (extensionOf(from.path) !== extensionOf(path))
    throw unsupportedOffline(`${from.path} can be copied to a file of its own kind only, and ${path} is another`);
  const file = ReadFile.parse(yield { name: "read_file", arguments: { path: from.path } });
  if (file.truncated) throw unsupportedOffline(`${from.path} is too large to be copied`);
  return yield* writeFile(path, file.content);
}

function* writeFile(path: string, content: string): Work<FileResult> {
  const file = WrittenFile.parse(yield { name: "write_file", arguments: { path, content } });
  return { kind: "file", path: file.path, bytes: file.bytes, sha256: file.sha256 };
}

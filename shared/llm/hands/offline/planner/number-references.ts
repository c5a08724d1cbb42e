import { findQuoted, replaceUnquoted } from "../text/quotes.ts";
import { findLinks, listSteps, numberSteps } from "../text/step-references.ts";

const NAMING =
  /[,;(]?\s*(?:and\s+)?(?:call|name)\s+(?:it|this|that|the result|the table|the output|the answer)\s+(?:as\s+)?["'`“]?(?<name>[\p{L}][\p{L}\p{N}_-]*(?: [\p{L}\p{N}_-]+){0,3})["'`”]?\)?\s*(?=[.;]?\s*$)/iu;
const NAME = "(?:[\"'`“](?<quoted>[^\"'`”]+)[\"'`”]|(?<plain>[\\p{L}][\\p{L}\\p{N}_-]*))";
const MENTION = new RegExp(
  `\\b(?<lead>(?:results?|outputs?|tables?|numbers?|answers?) (?:of|from|called|named)|using)\\s+${NAME}(?![\\p{L}\\p{N}_])(?!\\.\\w)`,
  "giu",
);

/**
 * Writes every reference as a step number: relative ones, names given by "call it …", and quoted texts of earlier steps.
 * The naming phrase itself is taken out.
 * @returns the steps in canonical text, in order
 */
export function numberReferences(steps: readonly string[]): readonly string[] {
  const names = new Map<string, number>();
  const register = (name: string, step: number): void => {
    if (!names.has(normalize(name))) names.set(normalize(name), step);
  };
  const unnamed = steps.map(collapseSpaces).map((step, index) => {
    const naming = NAMING.exec(step);
    if (naming === null) return step;
    register(naming.groups?.["name"] ?? "", index + 1);
    return step.slice(0, naming.index) + step.slice(naming.index + naming[0].length);
  });
  for (const [index, step] of unnamed.entries()) {
    register(step, index + 1);
    register(findLinks(step).work, index + 1);
  }
  return unnamed.map((step, index) => replaceNames(numberSteps(step, index + 1), names));
}

function collapseSpaces(step: string): string {
  return replaceUnquoted(step, /[^\S\n]{2,}/gu, () => " ");
}

function normalize(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[.!?;]+$/u, "")
    .replace(/\s+/gu, " ");
}

function replaceNames(step: string, names: ReadonlyMap<string, number>): string {
  if (names.size === 0) return step;
  const quotes = findQuoted(step);
  return step.replace(MENTION, (whole: string, ...rest: unknown[]) => {
    const offset = rest.find((part) => typeof part === "number");
    const groups = rest.at(-1);
    if (typeof offset !== "number" || !isGroups(groups) || quotes.some((span) => offset > span.start && offset < span.end)) return whole;
    const found = names.get(normalize(groups["quoted"] ?? groups["plain"] ?? ""));
    return found === undefined ? whole : `${groups["lead"] ?? ""} ${listSteps([found])}`;
  });
}

function isGroups(value: unknown): value is Record<string, string | undefined> {
  return typeof value === "object" && value !== null;
}

import type { Content, Expression, Reading, Reference } from "../grammar/readings.ts";
import { readStep } from "../grammar/step.ts";
import { findPaths, isTablePath } from "../text/paths.ts";
import { maskQuoted } from "../text/quotes.ts";
import { findLinks, type StepLinks } from "../text/step-references.ts";
import { findWritten } from "../text/written-paths.ts";

export type StepKind = "read" | "arithmetic" | "text" | "write" | "report" | "question" | "unknown";

/** What the planner sees in one step, without having seen any file. */
export type StepFacts = {
  readonly position: number;
  readonly kind: StepKind;
  readonly links: StepLinks;
  /** How the step itself says when it comes: after the one before, after all, or beside the one before. */
  readonly order: "next" | "last" | "beside" | null;
  /** Which earlier results it speaks of without a number. */
  readonly speaksOf: "previous" | "pair" | "all" | null;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
};

const NEXT =
  /^(?:and\s+)?(?:then|next|after that|afterwards?|second(?:ly)?|third(?:ly)?|fourth(?:ly)?|fifth(?:ly)?|subsequently)\b(?!\s+step)/iu;
const LAST = /^(?:and\s+)?(?:finally|lastly|last|in the end|at the end)\b/iu;
const QUESTION =
  /\b(?:rows?|records?|entries|mean|average|avg|sum|total|counts?|min|max|minimum|maximum|median|distinct|unique|different|highest|lowest|largest|smallest|most|fewest|list|filter|keep|sort|top|bottom|per|by|where|how many|column|columns)\b/iu;
const PRONOUN =
  /\b(?:it|its|them|this|that|these|those)\b(?!\s+(?:have|has)\b)|\bthe (?:results?|tables?|outputs?|filtered \w+|resulting \w+|selected \w+)\b/iu;

/** @param canonical the step with its references as step numbers */
export function studyStep(canonical: string, position: number, files: readonly string[]): StepFacts {
  const links = findLinks(canonical);
  const paths = findPaths(links.work, files);
  const [reading] = readStep(links.work, paths, null).readings;
  const writes =
    reading === undefined ? findWritten(links.work, paths) : reading.flatMap((action) => (action.action === "write" ? [action.path] : []));
  const named = [...new Set(paths.map((span) => span.path))];
  return {
    position,
    kind: reading === undefined ? guessKind(links.work) : kindOf(reading),
    links,
    order: orderOf(links),
    speaksOf: reading === undefined ? guessReference(links.work) : referenceOf(reading),
    reads: named.filter((path) => !writes.includes(path) || reading?.some((action) => action.action === "read" && action.path === path)),
    writes,
  };
}

function kindOf(reading: Reading): StepKind {
  const [first] = reading;
  if (first === undefined) return "unknown";
  if (first.action !== "write") return first.action === "read" ? "read" : "arithmetic";
  if (first.report) return "report";
  return first.contents.some((content) => content.content === "text") ? "text" : "write";
}

function guessKind(work: string): StepKind {
  const masked = maskQuoted(work);
  if (/\breport\b/iu.test(masked) && /\b(?:write|create|make|save|produce|generate)\b/iu.test(masked)) return "report";
  return QUESTION.test(masked) ? "question" : "unknown";
}

function orderOf({ isBeside, work }: StepLinks): StepFacts["order"] {
  if (isBeside) return "beside";
  if (LAST.test(work)) return "last";
  return NEXT.test(work) ? "next" : null;
}

function guessReference(work: string): StepFacts["speaksOf"] {
  const masked = maskQuoted(work);
  if (/\bboth (?:tables|results|numbers|of them)\b/iu.test(masked)) return "pair";
  if (/\b(?:all|everything)\b.*\b(?:results|tables|everything)\b/iu.test(masked)) return "all";
  return PRONOUN.test(masked) ? "previous" : null;
}

/** References of the step's own earlier actions ("compute … and write it") stay inside the step. */
function referenceOf(reading: Reading): StepFacts["speaksOf"] {
  const [first] = reading;
  const references =
    first === undefined
      ? []
      : referencesOf(
          first.action === "write"
            ? first.contents
            : first.action === "arithmetic"
              ? [{ content: "arithmetic", expression: first.expression }]
              : [],
        );
  const open = references.filter((reference) => reference.steps === null);
  if (open.length === 0) return null;
  if (open.some((reference) => reference.quantity === "two")) return "pair";
  return open.length > 1 || open.some((reference) => reference.quantity === "all") ? "all" : "previous";
}

function referencesOf(contents: readonly Content[]): readonly Reference[] {
  return contents.flatMap((content) => {
    if (content.content === "results") return content.references;
    return content.content === "arithmetic" ? collectReferences(content.expression) : [];
  });
}

function collectReferences(expression: Expression): readonly Reference[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "result":
    case "results":
      return [expression.reference];
    case "negative":
      return collectReferences(expression.of);
    case "binary":
      return [...collectReferences(expression.left), ...collectReferences(expression.right)];
    case "list":
      return expression.items.flatMap(collectReferences);
  }
}

/** Tables that a step takes its rows from. */
export function readTables(facts: StepFacts): readonly string[] {
  return facts.reads.filter(isTablePath);
}

import { after, always, before, either, map, optional, type Parser, rule, separated, sequence } from "./parser.ts";
import type { Reference } from "./readings.ts";
import type { Terminals } from "./terminals.ts";

/** "step 2", "steps 2 and 3", "step 2 and step 3". */
export function stepListParser(terminals: Terminals): Parser<readonly number[]> {
  const { words, integer, listSeparator } = terminals;
  const one = map(after(words("step"), integer), (step) => [step]);
  const several = after(words("steps"), separated(integer, listSeparator));
  return map(separated(either<readonly number[]>(one, several), listSeparator), (lists) =>
    [...new Set(lists.flat())].sort((a, b) => a - b),
  );
}

type Noun = Reference["noun"];
type NounWords = readonly [Noun, readonly string[]];

const SINGULAR: readonly NounWords[] = [
  ["any", ["result", "output", "outcome", "answer", "data", "finding"]],
  ["table", ["table", "list"]],
  ["number", ["number", "value"]],
  ["file", ["file", "content", "contents", "text"]],
  ["count", ["count", "row count", "number of rows"]],
  ["mean", ["mean", "average"]],
  ["sum", ["sum", "total"]],
  ["min", ["min", "minimum"]],
  ["max", ["max", "maximum"]],
  ["median", ["median"]],
];

const PLURAL: readonly NounWords[] = [
  ["any", ["results", "outputs", "outcomes", "answers", "findings"]],
  ["table", ["tables", "lists"]],
  ["number", ["numbers", "values"]],
  ["file", ["files"]],
  ["count", ["counts", "row counts"]],
  ["mean", ["means", "averages"]],
  ["sum", ["sums", "totals"]],
  ["min", ["minima", "minimums"]],
  ["max", ["maxima", "maximums"]],
  ["median", ["medians"]],
];

const ONE = ["it", "this", "that"];
const TWO = ["both", "both of them", "the two"];
const ALL = [
  "them",
  "these",
  "those",
  "all",
  "all of them",
  "all of it",
  "everything",
  "all of these",
  "all of the above",
  "the above",
  "everything above",
  "everything so far",
];
const DETERMINERS = ["the", "this", "that", "its", "these", "those", "all", "all the", "all of the", "each"];
const BOTH = ["both", "both the", "both of the", "the two", "both of these", "these two"];
const ADJECTIVES = [
  "previous",
  "earlier",
  "above",
  "resulting",
  "computed",
  "final",
  "whole",
  "complete",
  "full",
  "preceding",
  "calculated",
  "obtained",
  "collected",
];

/** Reads what refers to earlier results: "it", "both tables", "the result of step 2", "all results". */
export function referenceParser(terminals: Terminals): Parser<Reference> {
  const { words } = terminals;
  const steps = stepListParser(terminals);
  const pronoun = (phrases: readonly string[], quantity: Reference["quantity"]): Parser<Reference> =>
    after(words(...phrases), always<Reference>({ noun: "any", quantity, steps: null }));
  const joint = words("of", "from", "in", "computed in", "produced by", "produced in", "calculated in", "found in");
  const origin = either<readonly number[] | null>(
    after(joint, steps),
    after(optional(words("above", "so far", "of all steps", "of the previous steps")), always<readonly number[] | null>(null)),
  );
  const adjective = optional(words(...ADJECTIVES));
  const nouns = either(...nounsOf(SINGULAR, terminals, "one"), ...nounsOf(PLURAL, terminals, "all"));
  const named = map(
    sequence(optional(words(...DETERMINERS)), adjective, nouns, origin),
    ([, , noun, from]): Reference => ({ ...noun, steps: from, quantity: from !== null && from.length > 1 ? "all" : noun.quantity }),
  );
  const two = map(
    sequence(words(...BOTH), adjective, nouns, origin),
    ([, , { noun }, from]): Reference => ({ noun, quantity: "two", steps: from }),
  );
  const possessive = map(
    sequence(words("step", "the step"), terminals.integer, optional(terminals.pattern(/['’]s(?!\w)/uy)), nouns),
    ([, step, , noun]): Reference => ({ ...noun, steps: [step] }),
  );
  const alone = map(steps, (list): Reference => ({ noun: "any", quantity: list.length > 1 ? "all" : "one", steps: list }));
  return rule(() =>
    either(pronoun(ONE, "one"), pronoun(TWO, "two"), pronoun(ALL, "all"), named, two, possessive, before(alone, always(null))),
  );
}

type NounPhrase = { readonly noun: Noun; readonly quantity: Reference["quantity"] };

function nounsOf(nouns: readonly NounWords[], { words }: Terminals, quantity: "one" | "all"): Parser<NounPhrase>[] {
  return nouns.map(([noun, phrases]) => after(words(...phrases), always<NounPhrase>({ noun, quantity })));
}

import { replaceUnquoted } from "./quotes.ts";

/**
 * References between steps. First every way to point at steps is written as "step N" or "steps N, M and K" (canonical text);
 * then the phrases that only say what a step builds on or waits for are taken out, so that the rest is the step's own work.
 */
export type StepLinks = {
  /** Steps whose results are used. */
  readonly uses: readonly number[];
  /** Steps that must be over, whatever they gave. */
  readonly follows: readonly number[];
  /** Steps that wait for this one. */
  readonly precedes: readonly number[];
  /** Steps that run beside this one, and start when it does. */
  readonly besides: readonly number[];
  /** Whether it says "in parallel" without saying with what. */
  readonly isBeside: boolean;
  /** The step without these phrases. */
  readonly work: string;
};

const NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"];

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

export function listSteps(steps: readonly number[]): string {
  const last = steps.at(-1);
  if (last === undefined) return "no step";
  return steps.length === 1 ? `step ${last}` : `steps ${steps.slice(0, -1).join(", ")} and ${last}`;
}

/**
 * Rewrites "the previous step", "step two", "steps 1 to 3", "all previous steps" as numbers.
 * @param position number of the step the text belongs to, from 1
 */
export function numberSteps(text: string, position: number): string {
  const rewrite = (pattern: RegExp, steps: (match: RegExpExecArray) => readonly number[]) => (input: string) =>
    replaceUnquoted(input, pattern, (match) => {
      const found = steps(match).filter((step) => step > 0);
      return found.length === 0 ? match[0] : listSteps(found);
    });
  const valueOf = (word: string): number => NUMBERS.indexOf(word.toLowerCase()) + 1;
  const earlier = range(1, position - 1);
  return [
    (input: string) => replaceUnquoted(input, /\b(steps?)\s+#(?=\d)/giu, (match) => `${match[1]} `),
    (input: string) =>
      replaceUnquoted(input, new RegExp(`\\bstep[ -](${NUMBERS.join("|")})\\b`, "giu"), (match) => `step ${valueOf(match[1] ?? "")}`),
    rewrite(new RegExp(`\\b(?:the )?(${ORDINALS.join("|")}) step\\b`, "giu"), (match) => [
      ORDINALS.indexOf((match[1] ?? "").toLowerCase()) + 1,
    ]),
    rewrite(/\b(?:the )?(?:previous|preceding|prior) (two|three|four) steps\b/giu, (match) => earlier.slice(-valueOf(match[1] ?? ""))),
    rewrite(
      /\b(?:all (?:of )?(?:the )?|the )(?:previous|earlier|preceding|prior|above|other) steps\b|\ball (?:of )?the steps (?:above|so far)\b/giu,
      () => earlier,
    ),
    rewrite(/\b(?:the )?(?:previous|preceding|prior) step\b|\bthe step (?:before|above)\b/giu, () => [position - 1]),
    rewrite(/\bsteps\s+(\d{1,3})\s*(?:-|–|to|through)\s*(?:step\s+)?(\d{1,3})\b/giu, (match) => range(Number(match[1]), Number(match[2]))),
    rewrite(/\bstep\s+(\d{1,3})\s+(?:to|through)\s+step\s+(\d{1,3})\b/giu, (match) => range(Number(match[1]), Number(match[2]))),
  ].reduce((current, step) => step(current), text);
}

/** A list ends with its "and N", so that a number after it is never taken for a step. */
const LIST = [
  "steps\\s+\\d{1,3}(?:\\s*,\\s*\\d{1,3})*\\s*(?:,\\s*)?(?:and|&)\\s+(?:steps?\\s+)?\\d{1,3}\\b",
  "steps\\s+\\d{1,3}(?:\\s*,\\s*\\d{1,3})+\\b(?=\\s*(?:,|\\)|$))",
  "step\\s+\\d{1,3}\\s+and\\s+\\d{1,3}\\b(?=\\s*(?:[,;)]|[.]?\\s*$))",
  "step\\s+\\d{1,3}\\b(?:(?:\\s*,\\s*(?:and\\s+)?|\\s+and\\s+|\\s*&\\s*)step\\s+\\d{1,3}\\b)*",
].join("|");
const NOUN =
  "(?:results?|outputs?|data|tables?|files?|rows|numbers?|values?|counts?|answers?|contents?|means?|sums?|averages?|totals?|filtered rows|numbers? computed|results? computed)";
const OBJECT = `(?:only\\s+)?(?:the\\s+)?(?:both\\s+)?(?:${NOUN}\\s+(?:of|from|in|computed in|produced by|read in|found in|obtained in|calculated in)\\s+)?(?<list>${LIST})(?:['’]s?\\s+${NOUN})?`;
const DONE =
  "(?:\\s+(?:(?:is|are|has|have)(?:\\s+been)?\\s+)?(?:done|finished|finishes|finish|complete|completed|completes|ready|over|ran))?";
const RUNNING = "(?:\\s+(?:runs?|is running|are running|is being done))?";

type Kind = "uses" | "follows" | "precedes" | "besides" | "ignores";

const ANYWHERE: readonly (readonly [Kind, string])[] = [
  [
    "besides",
    `(?:and\\s+)?(?:in parallel (?:with|to)|at the same time as|alongside(?: of)?|concurrently with|simultaneously with|while)\\s+(?<list>${LIST})${RUNNING}`,
  ],
  ["ignores", `(?:independently|independent) (?:of|from)\\s+(?<list>${LIST})`],
  ["follows", `(?:only\\s+)?(?:after|once|when|following|as soon as)\\s+(?<list>${LIST})${DONE}`],
  ["precedes", `before\\s+(?<list>${LIST})(?:\\s+(?:starts?|begins?|runs?))?`],
  [
    "uses",
    `(?:by\\s+)?(?:using|use|based on|given|building on|making use of|on the basis of|depends on|depending on|requires)\\s+${OBJECT}(?:\\s+to\\b|\\s+and\\b(?=\\s+(?:compute|calculate|find|count|write|determine)\\b))?`,
  ],
];

/** These also begin other phrases, so they count as a reference only where a sentence starts and a comma follows. */
const AT_START: readonly (readonly [Kind, string])[] = [
  ["uses", `(?:with|from|for|on|in|out of|take)\\s+${OBJECT}(?=\\s*,)`],
  ["uses", `take\\s+${OBJECT}\\s+and\\b`],
];

const BESIDE = /\(?\b(?:in parallel|concurrently|simultaneously|at the same time|meanwhile)\b(?!\s+(?:with|to|as)\b)\)?/giu;

/** @param text canonical text */
export function findLinks(text: string): StepLinks {
  const found: Record<Kind, Set<number>> = {
    uses: new Set(),
    follows: new Set(),
    precedes: new Set(),
    besides: new Set(),
    ignores: new Set(),
  };
  const take = (input: string, kind: Kind, pattern: RegExp): string =>
    replaceUnquoted(input, pattern, (match) => {
      for (const step of stepsOf(match.groups?.["list"] ?? "")) found[kind].add(step);
      return " ";
    });
  let work = text;
  for (const [kind, source] of ANYWHERE) work = take(work, kind, new RegExp(`(?:\\(\\s*)?\\b${source}(?:\\s*\\))?`, "giu"));
  for (const [kind, source] of AT_START) work = take(work, kind, new RegExp(`(?:^|(?<=[.;:,]\\s))\\s*${source}`, "giu"));
  const withoutBeside = replaceUnquoted(work, BESIDE, () => " ");
  for (const step of mentioned(withoutBeside)) found.uses.add(step);
  const sorted = (kind: Kind): number[] => [...found[kind]].sort((a, b) => a - b);
  return {
    uses: sorted("uses"),
    follows: sorted("follows"),
    precedes: sorted("precedes"),
    besides: sorted("besides"),
    isBeside: withoutBeside !== work,
    work: tidy(withoutBeside),
  };
}

function stepsOf(list: string): number[] {
  return [...list.matchAll(/\d+/gu)].map((match) => Number(match[0]));
}

/** Steps that the remaining text still speaks of: "the result of step 2". */
function mentioned(text: string): number[] {
  const steps: number[] = [];
  replaceUnquoted(text, /\bsteps\s+\d{1,3}(?:(?:,\s*and\s+|,\s*|\s+and\s+)\d{1,3}\b)*|\bstep\s+\d{1,3}\b/giu, (match) => {
    steps.push(...stepsOf(match[0]));
    return match[0];
  });
  return steps;
}

/** Closes the gaps that removed phrases leave; the sign at the end of a step says nothing. */
function tidy(text: string): string {
  const remove = (input: string, pattern: RegExp): string => replaceUnquoted(input, pattern, (match) => match.groups?.["kept"] ?? "");
  const closed = [/\(\s*\)/gu, /\s+(?<kept>[.,;:!?])(?=\s|$)/gu, /(?<=,)(?:\s*,)+/gu, /(?<=[.;])(?:\s+[.,;])+/gu].reduce(remove, text);
  return [/^\s*(?:(?:[,;:]|\.(?=\s|$)|\band\b|\bto\b|\bbut\b)\s*)+/giu, /(?:\s*(?:[.,;:!?]|\band))+\s*$/giu].reduce(remove, closed).trim();
}

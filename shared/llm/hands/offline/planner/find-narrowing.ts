import { readTables, type StepFacts } from "./study-step.ts";

const LEAD = "^(?:(?:and|then|now|please|first|next|finally|also|after that),?\\s+)*";

/** Commands after which "the rows" are no longer all rows of the file. */
const NARROWS = new RegExp(
  `${LEAD}(?:filter|keep|select|take|extract|restrict|limit|exclude|ignore|drop|remove|discard|delete|skip|omit|consider|only|use only|clean|replace|convert|transform|fill|rename|deduplicate|join|merge|add|round|normali[sz]e)\\b`,
  "iu",
);

const FIGURES =
  "number|count|mean|average|avg|sum|total|median|min|minimum|max|maximum|highest|lowest|largest|smallest|greatest|distinct|unique|different";

/** Commands that show some of the rows: whether what follows means these or all again, nobody can tell. */
const SHOWS = new RegExp(
  `${LEAD}(?:list|show|give|get|find|return|print|display|sort|order)(?: me)?(?:(?: (?:only|just|all|of|the|those|top|bottom|first|last|\\d+))* (?:rows?|records?|entries|entry|observations?)\\b|\\b(?!.*\\b(?:${FIGURES})\\b).*\\b(?:rows?|where|whose)\\b)`,
  "iu",
);

/** `isSure` is false where the rows of that step may be meant, or the whole table. */
export type Narrowing = { readonly position: number; readonly isSure: boolean };

/**
 * The step whose result a question means by its rows although it does not say so: the last one before it that chose rows, unless
 * a table was named since. A step that is not understood counts too, since what follows may depend on it.
 * @returns null when the question means a whole table, or says itself what it means
 */
export function findNarrowing(step: StepFacts, steps: readonly StepFacts[]): Narrowing | null {
  if (!asksOpenly(step)) return null;
  const [beside] = step.links.besides;
  const other = beside === undefined ? undefined : steps[beside - 1];
  if (other !== undefined) return other.position < step.position ? findNarrowing(other, steps) : null;
  if (step.links.follows.length > 0) return null;
  const earlier = steps.slice(0, step.position - 1);
  const choosing = earlier.findLast((candidate) => chooses(candidate, NARROWS) || chooses(candidate, SHOWS));
  const since = earlier.slice(choosing?.position ?? 0);
  if (choosing === undefined || since.some((candidate) => readTables(candidate).length > 0)) return null;
  return { position: choosing.position, isSure: chooses(choosing, NARROWS) };
}

/** Whether the step may ask about rows without saying which. */
function asksOpenly(step: StepFacts): boolean {
  const isAsking = step.kind === "question" || step.kind === "report" || step.kind === "unknown";
  return isAsking && step.links.uses.length === 0 && readTables(step).length === 0;
}

function chooses({ kind, links }: StepFacts, pattern: RegExp): boolean {
  return (kind === "question" || kind === "unknown") && pattern.test(links.work);
}

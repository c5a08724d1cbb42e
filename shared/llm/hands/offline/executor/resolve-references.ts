import { unsupportedOffline } from "../../../../platform/errors.ts";
import type { Reference } from "../grammar/readings.ts";
import type { SingleResult } from "../results.ts";
import { listSteps } from "../text/step-references.ts";
import type { Section } from "../writing/render-markdown.ts";
import type { StepContext } from "./step-context.ts";

/**
 * The results that words like "both tables" or "the result of step 2" stand for.
 * @param own what the step itself has made so far; "it" is the last of these
 * @throws AppError `unsupported_offline` when there are not exactly as many as the words say
 */
export function resolveReference(
  reference: Reference,
  context: StepContext,
  own: readonly Section[],
  keepFiles: boolean,
): readonly Section[] {
  const available = availableTo(reference, context, own);
  const fitting = available.filter(({ result }) => fits(result, reference.noun));
  const figures = fitting.filter(({ result }) => result.kind !== "file");
  const chosen = reference.noun === "any" && !keepFiles && figures.length > 0 ? figures : fitting;
  const words = describe(reference);
  if (chosen.length === 0) throw unsupportedOffline(`there is no ${words} among the results this step builds on`);
  if (reference.quantity === "two" && chosen.length !== 2) throw unsupportedOffline(`it says both, and there are ${chosen.length}`);
  const isListed = reference.noun === "any" && (reference.steps ?? context.links.uses).length > 1;
  if (reference.quantity === "one" && chosen.length > 1 && !isListed) {
    throw unsupportedOffline(`there are ${chosen.length} results that "${words}" may mean: name the step`);
  }
  return chosen;
}

function availableTo({ steps, quantity }: Reference, context: StepContext, own: readonly Section[]): readonly Section[] {
  if (steps === null && own.length > 0) return quantity === "one" ? own.slice(-1) : own;
  const wanted = steps ?? (context.links.uses.length > 0 ? context.links.uses : null);
  const inputs = wanted === null ? context.inputs : context.inputs.filter((input) => wanted.includes(input.step));
  if (wanted !== null && inputs.length < wanted.length) {
    const missing = wanted.filter((step) => !inputs.some((input) => input.step === step));
    throw unsupportedOffline(`the result of ${listSteps(missing)} was not handed to this step`);
  }
  return inputs.flatMap((input) => input.results.map((result) => ({ step: input.step, name: input.name, result })));
}

function fits(result: SingleResult, noun: Reference["noun"]): boolean {
  switch (noun) {
    case "any":
      return true;
    case "table":
    case "number":
    case "file":
      return result.kind === noun;
    default: {
      if (result.kind === "file") return false;
      const names = result.kind === "table" ? result.columns : [result.label];
      return names.some((name) => name === noun || name.startsWith(`${noun} `));
    }
  }
}

function describe({ noun, quantity }: Reference): string {
  const word = noun === "any" ? "result" : noun;
  return quantity === "one" ? word : `${word}s`;
}

import { AppError, unsupportedOffline } from "../../../../platform/errors.ts";
import type { JsonValue } from "../../../../platform/json.ts";
import type { Expression } from "../grammar/readings.ts";
import { digitsOf, type SingleResult } from "../results.ts";
import { type Section, titleOf } from "../writing/render-markdown.ts";
import { resolveReference } from "./resolve-references.ts";
import type { StepContext } from "./step-context.ts";

/** The expression with each reference replaced by the digits of the number it stands for. */
export function substituteResults(expression: Expression, own: readonly Section[], context: StepContext): JsonValue {
  switch (expression.kind) {
    case "number":
      return { kind: "number", text: expression.text };
    case "result": {
      const [section, ...others] = resolveReference(expression.reference, context, own, false);
      if (section === undefined || others.length > 0)
        throw unsupportedOffline("the calculation needs one number, and there are several results");
      return numberOf(section.result);
    }
    case "negative":
      return { kind: "negative", of: substituteResults(expression.of, own, context) };
    case "binary": {
      const { operator, left, right } = expression;
      return { kind: "binary", operator, left: substituteResults(left, own, context), right: substituteResults(right, own, context) };
    }
    case "results": {
      const sections = resolveReference(expression.reference, context, own, false);
      return { kind: "list", aggregate: expression.aggregate, items: sections.map(({ result }) => numberOf(result)) };
    }
    case "list":
      return {
        kind: "list",
        aggregate: expression.aggregate,
        items: expression.items.map((item) => substituteResults(item, own, context)),
      };
  }
}

function numberOf(result: SingleResult): JsonValue {
  if (result.kind !== "number") throw unsupportedOffline(`the calculation needs numbers, and "${titleOf(result)}" is a ${result.kind}`);
  return { kind: "number", text: digitsOf(result) };
}

export function canSubstitute(expression: Expression, context: StepContext): boolean {
  try {
    substituteResults(expression, [], context);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

import type { Expression } from "../grammar/readings.ts";
import { listSteps } from "../text/step-references.ts";

/** A calculation as a person would write it. */
export function describeExpression(expression: Expression): string {
  switch (expression.kind) {
    case "number":
      return expression.text;
    case "result":
      return expression.reference.steps === null ? "the result" : `the result of ${listSteps(expression.reference.steps)}`;
    case "negative":
      return `-${bracket(expression.of)}`;
    case "binary":
      return `${bracket(expression.left)} ${expression.operator} ${bracket(expression.right)}`;
    case "results":
      return `${expression.aggregate} of ${expression.reference.steps === null ? "the results" : `the results of ${listSteps(expression.reference.steps)}`}`;
    case "list":
      return `${expression.aggregate} of ${expression.items.map(describeExpression).join(", ")}`;
  }
}

function bracket(expression: Expression): string {
  const text = describeExpression(expression);
  return expression.kind === "number" || expression.kind === "result" ? text : `(${text})`;
}

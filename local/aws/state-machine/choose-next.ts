import type { JsonValue } from "../../../shared/platform/json.ts";
import type { ChoiceState, Comparison } from "./definition.ts";
import { readPath } from "./json-path.ts";
import { runtimeError, StateError } from "./state-error.ts";

/** The state that the first matching rule leads to. */
export function chooseNext(state: ChoiceState, input: JsonValue): string {
  const rule = state.Choices.find((candidate) =>
    // Every stops at the first that does not hold, so IsPresent guards what follows it.
    "And" in candidate ? candidate.And.every((comparison) => holds(comparison, input)) : holds(candidate, input),
  );
  const next = rule?.Next ?? state.Default;
  if (next === undefined) throw new StateError("States.NoChoiceMatched", "No choice matched and there is no default");
  return next;
}

function holds(comparison: Comparison, input: JsonValue): boolean {
  const value = readPath(input, comparison.Variable);
  if (comparison.IsPresent !== undefined) return (value !== undefined) === comparison.IsPresent;
  if (value === undefined)
    throw runtimeError(`Invalid path '${comparison.Variable}': the choice state's condition path references nothing`);
  const { StringEquals, BooleanEquals, NumericGreaterThan } = comparison;
  if (StringEquals !== undefined) return value === StringEquals;
  if (BooleanEquals !== undefined) return value === BooleanEquals;
  return NumericGreaterThan !== undefined && typeof value === "number" && value > NumericGreaterThan;
}

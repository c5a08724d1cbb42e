import { canonicalJson } from "../../platform/canonical-json.ts";
import type { JsonValue } from "../../platform/json.ts";
import { checkJson } from "../../platform/json-schema/check-json.ts";
import { matchPattern, parsePattern } from "../../platform/pattern/match-pattern.ts";
import type { AcceptanceCheck } from "../contracts/task-policy.ts";

/** Checks that are programs run in the sandbox. */
export type ProgramCheck = Extract<AcceptanceCheck, { kind: "sandbox_test" | "sql_assertion" }>;
type PureCheck = Exclude<AcceptanceCheck, ProgramCheck>;

export function isProgram(check: AcceptanceCheck): check is ProgramCheck {
  return check.kind === "sandbox_test" || check.kind === "sql_assertion";
}

/** Why a result does not pass a check, in words for whoever tries again; null when it passes. Needs nothing but the two. */
export function checkResult(check: PureCheck, result: JsonValue): string | null {
  switch (check.kind) {
    case "json_schema": {
      const mismatches = checkJson(check.schema, result).map(({ pointer, message }) => `${pointer || "the result"}: ${message}`);
      return mismatches.length === 0 ? null : mismatches.join("; ");
    }
    case "regex":
      return matchAt(check, result);
    case "comparison":
      return compareAt(check, result);
  }
}

function matchAt({ path = "", pattern, absent = false }: Extract<AcceptanceCheck, { kind: "regex" }>, result: JsonValue): string | null {
  const value = findAt(result, path);
  const place = path || "the result";
  if (value === undefined) return `${place} is not there`;
  const parsed = parsePattern(pattern);
  if (!parsed.ok) return `${place} cannot be matched: ${parsed.fault}`;
  // A table or a number is matched as it is written down.
  const found = matchPattern(parsed.pattern, typeof value === "string" ? value : JSON.stringify(value));
  if (found === "too-long") return `${place} is too long to be matched by ${pattern}`;
  if ((found === "found") !== absent) return null;
  return `${place} ${absent ? "must not match" : "does not match"} ${pattern}`;
}

function compareAt(check: Extract<AcceptanceCheck, { kind: "comparison" }>, result: JsonValue): string | null {
  const { path = "", operator, value: expected } = check;
  const place = path || "the result";
  const actual = findAt(result, path);
  if (actual === undefined) return `${place} is not there`;
  if (holds(operator, actual, expected)) return null;
  return `${place} is ${cut(JSON.stringify(actual))}; expected: ${operator.replaceAll("_", " ")} ${cut(JSON.stringify(expected))}`;
}

function holds(operator: Extract<AcceptanceCheck, { kind: "comparison" }>["operator"], actual: JsonValue, expected: JsonValue): boolean {
  switch (operator) {
    case "equals":
      return isSame(actual, expected);
    case "not_equals":
      return !isSame(actual, expected);
    case "contains":
      if (typeof actual === "string") return typeof expected === "string" && actual.includes(expected);
      return Array.isArray(actual) && actual.some((item) => isSame(item, expected));
    default:
      return isOrdered(operator, actual, expected);
  }
}

/** Two numbers, or two texts; nothing else comes before anything. */
function isOrdered(
  operator: "less_than" | "less_or_equal" | "greater_than" | "greater_or_equal",
  actual: JsonValue,
  expected: JsonValue,
): boolean {
  const areNumbers = typeof actual === "number" && typeof expected === "number";
  if (!areNumbers && !(typeof actual === "string" && typeof expected === "string")) return false;
  switch (operator) {
    case "less_than":
      return actual < expected;
    case "less_or_equal":
      return actual <= expected;
    case "greater_than":
      return actual > expected;
    case "greater_or_equal":
      return actual >= expected;
  }
}

/** What a JSON pointer (RFC 6901) points at; undefined when there is nothing. */
function findAt(value: JsonValue, pointer: string): JsonValue | undefined {
  let found: JsonValue | undefined = value;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null) return undefined;
    if (Array.isArray(found)) found = /^(?:0|[1-9]\d*)$/.test(name) ? found[Number(name)] : undefined;
    else found = Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

function isSame(left: JsonValue, right: JsonValue): boolean {
  return canonicalJson(left) === canonicalJson(right);
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

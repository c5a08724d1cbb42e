import type { JsonObject, JsonValue } from "../../../shared/platform/json.ts";
import { isObject, readPath } from "./json-path.ts";
import { runtimeError } from "./state-error.ts";

type Source = { readonly input: JsonValue; readonly context: JsonObject };

type Expression = (source: Source) => JsonValue;

/** `Parameters`: a field whose name ends in `.$` holds a path or an intrinsic function; all else is taken as it stands. */
export function fillTemplate(template: JsonValue, source: Source): JsonValue {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, source));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith(".$") ? [name.slice(0, -2), parseExpression(value)(source)] : [name, fillTemplate(value, source)],
    ),
  );
}

/** @throws Error when the template holds an expression that is not supported */
export function checkTemplate(template: JsonValue, where: string): void {
  if (Array.isArray(template)) for (const item of template) checkTemplate(item, where);
  if (!isObject(template)) return;
  for (const [name, value] of Object.entries(template)) {
    if (!name.endsWith(".$")) checkTemplate(value, `${where}.${name}`);
    else if (tryExpression(value) === undefined) {
      throw new Error(`${where}.${name} holds an expression that is not supported: ${JSON.stringify(value)}`);
    }
  }
}

function parseExpression(text: JsonValue): Expression {
  const expression = tryExpression(text);
  if (expression === undefined) throw runtimeError(`The expression ${JSON.stringify(text)} is not supported`);
  return expression;
}

function tryExpression(text: JsonValue): Expression | undefined {
  if (typeof text !== "string") return undefined;
  return parsePath(text) ?? parseMathAdd(text);
}

function parsePath(text: string): Expression | undefined {
  const [, dollars, path = ""] = /^(\$\$?)((?:\.\w+)*)$/.exec(text) ?? [];
  if (dollars === undefined) return undefined;
  return ({ input, context }) => {
    const value = readPath(dollars === "$" ? input : context, `$${path}`);
    if (value === undefined) throw runtimeError(`The path '${text}' could not be found in the input`);
    return value;
  };
}

function parseMathAdd(text: string): Expression | undefined {
  const [, left, right] = /^States\.MathAdd\(\s*([^,]+?)\s*,\s*([^,]+?)\s*\)$/.exec(text) ?? [];
  if (left === undefined || right === undefined) return undefined;
  const [first, second] = [parseInteger(left), parseInteger(right)];
  if (first === undefined || second === undefined) return undefined;
  return (source) => {
    const [augend, addend] = [first(source), second(source)];
    if (typeof augend === "number" && typeof addend === "number") return Math.round(augend) + Math.round(addend);
    throw runtimeError(`States.MathAdd takes two numbers: ${text}`);
  };
}

function parseInteger(text: string): Expression | undefined {
  if (!/^-?\d{1,15}$/.test(text)) return parsePath(text);
  const value = Number(text);
  return () => value;
}

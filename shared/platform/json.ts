import * as z from "zod";

/** Anything that survives JSON.stringify and JSON.parse unchanged. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export type JsonObject = { [key: string]: JsonValue };

export const JsonValue: z.ZodType<JsonValue> = z.json();

export const JsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON.parse, typed as what it can give. Whose JSON it is has still to be checked. @throws SyntaxError */
export function parseJson(text: string): JsonValue {
  // Checking each node would cost as much as parsing and could find nothing.
  // oxlint-disable-next-line typescript/no-unsafe-return
  return JSON.parse(text);
}

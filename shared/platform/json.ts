import * as z from "zod";

/** Anything that survives JSON.stringify and JSON.parse unchanged. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export type JsonObject = { [key: string]: JsonValue };

export const JsonValue: z.ZodType<JsonValue> = z.json();

export const JsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

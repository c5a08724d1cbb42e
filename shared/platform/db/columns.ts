import * as z from "zod";
import type { JsonObject, JsonValue } from "../json.ts";
import { formatUsd } from "../money.ts";

/** How columns come out of the driver: timestamps as Date, bigint as text. Each schema gives what the API shows. */
export const TimestampColumn = z.date().transform((date) => date.toISOString());

/** A bigint of nano-dollars as decimal dollars. */
export const UsdColumn = z.string().transform((nano) => formatUsd(BigInt(nano)));

/** A jsonb column, or part of one. Postgres holds nothing else in it: looking at each node costs more than parsing and could find nothing. */
export const JsonColumn = z.custom<JsonValue>((value) => value !== undefined);

/** A jsonb column that holds an object. */
export const JsonObjectColumn = z.custom<JsonObject>(isObject);

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

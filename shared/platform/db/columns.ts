import * as z from "zod";
import { formatUsd } from "../money.ts";

/** How columns come out of the driver: timestamps as Date, bigint as text. Each schema gives what the API shows. */
export const TimestampColumn = z.date().transform((date) => date.toISOString());

/** A bigint of nano-dollars as decimal dollars. */
export const UsdColumn = z.string().transform((nano) => formatUsd(BigInt(nano)));

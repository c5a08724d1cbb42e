import path from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";

const source = path.resolve(import.meta.dirname, "../../../node_modules/fauxqs/dist/sqs/sqsTypes.js");

/** What SQS refuses in a body. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/**
 * fauxqs 1 refuses every character beyond U+FFFF, which SQS takes. Its version 2 does not, and needs a newer Node.js than the oldest that we
 * run on.
 */
export async function mendFauxqs(): Promise<void> {
  const { INVALID_MESSAGE_BODY_CHAR } = z
    .object({ INVALID_MESSAGE_BODY_CHAR: z.instanceof(RegExp) })
    .parse(await import(pathToFileURL(source).href));
  INVALID_MESSAGE_BODY_CHAR.test = (text) => FORBIDDEN.test(text);
}

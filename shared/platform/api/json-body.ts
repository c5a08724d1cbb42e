import { AppError, invalidRequest } from "../errors.ts";
import { joinPointer } from "./pointer.ts";

const MAX_DEPTH = 64;

/**
 * Parses a JSON body that everything behind it can hold: no deeper than 64 levels (validators recurse), no U+0000 and no half of a
 * surrogate pair in any string (Postgres refuses both).
 * @throws AppError `malformed-json`, or `invalid-request` with the place of what cannot be held
 */
export function parseJsonBody(body: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new AppError("malformed-json", body.length === 0 ? "The body is empty" : "The body could not be parsed", { cause });
  }
  refuseUnstorable(value);
  return value;
}

/** A walk with a list of its own: recursion would end where the attack begins. */
function refuseUnstorable(root: unknown): void {
  const open: { value: unknown; path: readonly string[] }[] = [{ value: root, path: [] }];
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { value, path } = item;
    if (typeof value === "string") refuseCharacters(value, path);
    if (typeof value !== "object" || value === null) continue;
    if (path.length >= MAX_DEPTH) throw invalidRequest(`The body is nested deeper than ${MAX_DEPTH} levels`);
    for (const [key, child] of Object.entries<unknown>({ ...value })) {
      refuseCharacters(key, path);
      if (typeof child === "string" || (typeof child === "object" && child !== null)) open.push({ value: child, path: [...path, key] });
    }
  }
}

function refuseCharacters(text: string, path: readonly string[]): void {
  if (!text.includes("\0") && !/\p{Surrogate}/u.test(text)) return;
  throw invalidRequest("The body holds text that is not Unicode text", [
    { pointer: joinPointer(path), detail: "must not hold U+0000 or half of a surrogate pair" },
  ]);
}

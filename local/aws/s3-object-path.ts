import { join } from "node:path";

const LONGEST_NAME = 200;

/**
 * Where an object lies below its bucket's folder: a folder for each segment of the key, then a file named after the last. Names are
 * made of lower-case letters, digits, `_`, `-` and `%xx` only, so no key reaches outside, none differs by case alone (file systems
 * that ignore case exist), and a file never takes the name of a folder. Long names are continued in a folder that ends in `+`.
 */
export function objectPath(key: string): string {
  const segments = key.split("/").map(encodeSegment);
  return `${join(...segments.flatMap(splitLongName))}.object`;
}

/** The folder below which all keys with this prefix lie. */
export function prefixFolder(prefix: string): string {
  const segments = prefix.split("/").slice(0, -1).map(encodeSegment);
  return join(".", ...segments.flatMap(splitLongName));
}

/** The key of an object found at a path relative to its bucket's folder; undefined for a file that is no object. */
export function objectKey(names: readonly string[]): string | undefined {
  const path = names.join("/");
  if (!path.endsWith(".object")) return undefined;
  return path.slice(0, -".object".length).replaceAll("+/", "").split("/").map(decodeSegment).join("/");
}

function encodeSegment(segment: string): string {
  if (segment === "") return "=";
  return [...Buffer.from(segment)].map((byte) => encodeByte(byte)).join("");
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[a-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
}

function decodeSegment(name: string): string {
  return name === "=" ? "" : decodeURIComponent(name);
}

function splitLongName(name: string): string[] {
  const pieces: string[] = [];
  let rest = name;
  while (rest.length > LONGEST_NAME) {
    // Not inside of an escape.
    const length = rest.lastIndexOf("%", LONGEST_NAME - 1) > LONGEST_NAME - 3 ? rest.lastIndexOf("%", LONGEST_NAME - 1) : LONGEST_NAME;
    pieces.push(`${rest.slice(0, length)}+`);
    rest = rest.slice(length);
  }
  return [...pieces, rest];
}

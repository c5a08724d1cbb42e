import { findQuoted } from "../text/quotes.ts";
import type { Match, Parser } from "./parser.ts";
import { escapeExpression } from "./terminals.ts";

/** A column that a step may speak of: by its name, or by another name that is as sure. */
export type Column = { readonly name: string; readonly aliases: readonly string[] };

/** The last word of a name that people leave out: body_mass_g is called "body mass". */
const UNITS =
  "mm|cm|dm|km|mi|ft|mg|g|kg|lb|lbs|oz|ml|ms|sec|secs|hr|hrs|hours|days|yrs|years|eur|usd|gbp|chf|jpy|cents|pct|percent|pa|hpa|kw|kwh|mb|gb";
const UNIT_WORD = new RegExp(`[\\s_-]+(?:${UNITS})$`, "iu");
const UNIT_BRACKET = /[\s_-]*[([][^()[\]]{1,12}[)\]]$/u;

/** A name ends where no letter, digit or joining sign goes on. */
const END = "(?![\\p{L}\\p{N}_]|[-./'’&@:][\\p{L}\\p{N}])";

type Spelling = { readonly column: number; readonly level: number; readonly expression: RegExp };

/**
 * Reads the index of a column. For one stretch of text only the surest spellings count: as written, then in another case or
 * with other separators, then without its unit, then in the other number. Two columns equally sure give two readings.
 */
export function columnParser(text: string, columns: readonly Column[]): Parser<number> {
  const spellings = spellAll(columns);
  const quotes = new Map(findQuoted(text).map((span) => [span.start, span]));
  return (at) => {
    const from = at + (/^\s*/u.exec(text.slice(at))?.[0].length ?? 0);
    if (/[\p{L}\p{N}_]/u.test(text.charAt(from - 1)) && /[\p{L}\p{N}_]/u.test(text.charAt(from))) return [];
    const quoted = quotes.get(from);
    if (quoted !== undefined) return findWhole(columns, quoted.text).map((value) => ({ value, end: quoted.end }));
    return surest(spellings, text, from);
  };
}

function surest(spellings: readonly Spelling[], text: string, from: number): Match<number>[] {
  const byEnd = new Map<number, { level: number; columns: Set<number> }>();
  for (const { column, level, expression } of spellings) {
    expression.lastIndex = from;
    const found = expression.exec(text);
    if (found === null || found[0] === "") continue;
    const end = from + found[0].length;
    const known = byEnd.get(end);
    if (known === undefined || level < known.level) byEnd.set(end, { level, columns: new Set([column]) });
    else if (level === known.level) known.columns.add(column);
  }
  return [...byEnd].flatMap(([end, { columns }]) => [...columns].map((value) => ({ value, end })));
}

/** The columns a whole phrase may mean, at the surest level that any has. */
export function findWhole(columns: readonly Column[], phrase: string): readonly number[] {
  const matches = surest(spellAll(columns), phrase.trim(), 0);
  return matches.filter((match) => match.end === phrase.trim().length).map((match) => match.value);
}

/** A header is asked for its spellings at every word of a step; building them takes longer than reading the step. */
const known = new WeakMap<readonly Column[], readonly Spelling[]>();

function spellAll(columns: readonly Column[]): readonly Spelling[] {
  const spellings = known.get(columns) ?? spellEach(columns);
  known.set(columns, spellings);
  return spellings;
}

function spellEach(columns: readonly Column[]): readonly Spelling[] {
  return columns.flatMap((column, index) => {
    const others = columns.filter((_, other) => other !== index);
    return spell(column, index, (start) => others.some((other) => startsWithWords(other.name, start)));
  });
}

/** @param isShared whether another column begins with the same words: then the unit tells them apart and may not be left out */
function spell(column: Column, index: number, isShared: (start: string) => boolean): Spelling[] {
  const name = column.name.trim();
  if (name === "") return [];
  const loose = [name, ...column.aliases];
  const bare = loose.map(dropUnit).filter((text) => !loose.includes(text) && !isShared(text));
  return [
    spelling(index, 1, escapeExpression(name), "u"),
    ...loose.map((text) => spelling(index, 2, separatorsOf(text), "iu")),
    ...bare.map((text) => spelling(index, 3, separatorsOf(text), "iu")),
    ...loose.flatMap(otherNumber).map((text) => spelling(index, 4, separatorsOf(text), "iu")),
  ];
}

function startsWithWords(name: string, start: string): boolean {
  return new RegExp(`^${separatorsOf(start)}(?![\\p{L}\\p{N}])`, "iu").test(name.trim());
}

function spelling(column: number, level: number, source: string, flags: string): Spelling {
  const boundary = /[\p{L}\p{N}_]$/u.test(source) ? END : "";
  return { column, level, expression: new RegExp(source + boundary, `${flags}y`) };
}

/** White space, underscores and hyphens are the same; where a capital begins a word they may be there or not. */
function separatorsOf(text: string): string {
  const words = text.split(/[\s_-]+/u).filter((word) => word !== "");
  if (words.length === 0) return escapeExpression(text);
  return words.map((word) => splitCapitals(word).map(escapeExpression).join("[\\s_-]*")).join("[\\s_-]+");
}

function splitCapitals(word: string): string[] {
  return word.replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2").split(" ");
}

function dropUnit(text: string): string {
  const shorter = text.replace(UNIT_BRACKET, "").replace(UNIT_WORD, "");
  return shorter.trim() === "" ? text : shorter;
}

function otherNumber(text: string): string[] {
  if (!/\p{L}{3}$/u.test(text)) return [];
  if (/ies$/iu.test(text)) return [text.replace(/ies$/iu, "y")];
  if (/[^s]s$/iu.test(text)) return [text.slice(0, -1), `${text}es`];
  if (/[^aeiou]y$/iu.test(text)) return [text.replace(/y$/iu, "ies")];
  return /(?:s|x|ch|sh)$/iu.test(text) ? [`${text}es`] : [`${text}s`];
}

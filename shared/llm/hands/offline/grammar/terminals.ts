import type { PathSpan } from "../text/paths.ts";
import { findQuoted } from "../text/quotes.ts";
import { either, keep, type Match, type Parser } from "./parser.ts";
import { groupByBeginning, phraseReader, WORD } from "./phrases.ts";

/** The smallest things that can be read from one text; all of them skip white space first. */
export type Terminals = {
  /** One of some phrases, in any case, ending at the end of a word. */
  readonly words: (...phrases: readonly string[]) => Parser<string>;
  /** What a sticky, Unicode-aware expression finds. */
  readonly pattern: (expression: RegExp) => Parser<string>;
  readonly quoted: Parser<string>;
  readonly path: Parser<string>;
  /** A number as written, without thousands separators. */
  readonly number: Parser<string>;
  readonly integer: Parser<number>;
  readonly listSeparator: Parser<string>;
  readonly end: Parser<null>;
  /** The text from the furthest position that any reading reached. */
  readonly remainder: () => string;
};

export function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
}

const GROUPED = /[-+−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\p{L}\p{N}_]|[.,]\d)/uy;
const PLAIN = /[-+−]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?(?![\p{L}\p{N}_]|\.\d)/iuy;

function skipSpace(text: string): (at: number) => number {
  return (at) => {
    let next = at;
    while (/\s/u.test(text.charAt(next))) next++;
    return next;
  };
}

export function createTerminals(text: string, paths: readonly PathSpan[]): Terminals {
  let furthest = 0;
  const quotes = new Map(findQuoted(text).map((span) => [span.start, span]));
  const pathsAt = new Map(paths.map((span) => [span.start, span]));

  const skip = skipSpace(text);
  const phraseEnd = phraseReader(text, skip);
  const reached = <T>(value: T, end: number): Match<T> => {
    furthest = Math.max(furthest, end);
    return { value, end };
  };
  const isInsideWord = (from: number): boolean => WORD.test(text.charAt(from)) && WORD.test(text.charAt(from - 1));

  const pattern =
    (expression: RegExp): Parser<string> =>
    (at) => {
      const from = skip(at);
      if (isInsideWord(from)) return [];
      expression.lastIndex = from;
      const found = expression.exec(text);
      return found === null ? [] : [reached(found[0], from + found[0].length)];
    };
  const words = (...phrases: readonly string[]): Parser<string> => {
    const candidates = groupByBeginning(phrases);
    return either((at) => {
      const from = skip(at);
      if (isInsideWord(from)) return [];
      return phraseEnd(candidates, from).map(({ phrase, end }) => reached(phrase, end));
    });
  };
  const spanAt =
    <S extends { readonly end: number }>(spans: ReadonlyMap<number, S>, textOf: (span: S) => string): Parser<string> =>
    (at) => {
      const span = spans.get(skip(at));
      return span === undefined ? [] : [reached(textOf(span), span.end)];
    };
  const normalize = (number: string): string => number.replaceAll(",", "").replace("−", "-").replace(/^\+/u, "");

  return {
    words,
    pattern,
    quoted: spanAt(quotes, (span) => span.text),
    path: spanAt(pathsAt, (span) => span.path),
    number: keep(either(pattern(PLAIN), pattern(GROUPED)), normalize),
    integer: keep(pattern(/\d{1,6}(?![\p{L}\p{N}_]|[.,]\d)/uy), (digits) => Number(digits)),
    listSeparator: either(words(",", "and", ", and", "&", "as well as", ", as well as")),
    end: (at) => (skip(at) === text.length ? [{ value: null, end: text.length }] : []),
    remainder: () => text.slice(furthest).trim(),
  };
}

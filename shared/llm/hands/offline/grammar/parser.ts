import { unsupportedOffline } from "../../../../platform/errors.ts";

/**
 * Parsers that give every way to read a text, not the first one: a step is carried out only when it has exactly one reading,
 * so an ambiguous sentence is refused instead of guessed.
 */
export type Match<T> = { readonly value: T; readonly end: number };
export type Parser<T> = (at: number) => readonly Match<T>[];

const MOST_MATCHES = 20_000;

/** Matches left for the reading under way. Reading never waits, so there is one at a time. */
let matchesLeft = MOST_MATCHES;

/**
 * Everything that `parser` makes of the text from its start.
 * @throws AppError `unsupported_offline` for a text with so many readings of its parts that nobody could mean one of them
 */
export function readAll<T>(parser: Parser<T>): readonly T[] {
  matchesLeft = MOST_MATCHES;
  return distinct(parser(0)).map((match) => match.value);
}

function spend<M extends readonly unknown[]>(matches: M): M {
  matchesLeft -= matches.length;
  if (matchesLeft < 0) throw unsupportedOffline("its words can be put together in too many ways");
  return matches;
}

/** Reads nothing and gives `value`. */
export function always<T>(value: T): Parser<T> {
  return (at) => [{ value, end: at }];
}

export function never<T>(): Parser<T> {
  return () => [];
}

export function map<T, U>(parser: Parser<T>, change: (value: T) => U): Parser<U> {
  return (at) => parser(at).map((match) => ({ value: change(match.value), end: match.end }));
}

/** Keeps the readings whose value `change` does not turn into `undefined`. */
export function keep<T, U>(parser: Parser<T>, change: (value: T) => U | undefined): Parser<U> {
  return (at) =>
    parser(at).flatMap((match) => {
      const value = change(match.value);
      return value === undefined ? [] : [{ value, end: match.end }];
    });
}

export function either<T>(...parsers: readonly Parser<T>[]): Parser<T> {
  return (at) => distinct(spend(parsers.flatMap((parser) => parser(at))));
}

/** The parsers one after the other; the values as a tuple. */
export function sequence<A, B>(a: Parser<A>, b: Parser<B>): Parser<readonly [A, B]>;
export function sequence<A, B, C>(a: Parser<A>, b: Parser<B>, c: Parser<C>): Parser<readonly [A, B, C]>;
export function sequence<A, B, C, D>(a: Parser<A>, b: Parser<B>, c: Parser<C>, d: Parser<D>): Parser<readonly [A, B, C, D]>;
export function sequence<A, B, C, D, E>(
  a: Parser<A>,
  b: Parser<B>,
  c: Parser<C>,
  d: Parser<D>,
  e: Parser<E>,
): Parser<readonly [A, B, C, D, E]>;
export function sequence<A, B, C, D, E, F>(
  a: Parser<A>,
  b: Parser<B>,
  c: Parser<C>,
  d: Parser<D>,
  e: Parser<E>,
  f: Parser<F>,
): Parser<readonly [A, B, C, D, E, F]>;
export function sequence(...parsers: readonly Parser<unknown>[]): Parser<readonly unknown[]> {
  return (at) => {
    let matches: readonly Match<readonly unknown[]>[] = [{ value: [], end: at }];
    for (const parser of parsers) {
      matches = spend(matches.flatMap((before) => parser(before.end).map(({ value, end }) => ({ value: [...before.value, value], end }))));
      if (matches.length === 0) break;
    }
    return matches;
  };
}

/** `second`, when it follows `first`. */
export function after<T>(first: Parser<unknown>, second: Parser<T>): Parser<T> {
  return map(sequence(first, second), ([, value]) => value);
}

/** `first`, when `second` follows it. */
export function before<T>(first: Parser<T>, second: Parser<unknown>): Parser<T> {
  return map(sequence(first, second), ([value]) => value);
}

/** With and without: both readings are given. */
export function optional<T>(parser: Parser<T>): Parser<T | null> {
  return either<T | null>(parser, always(null));
}

/** Zero or more, as many readings as there are ways to stop. */
export function many<T>(parser: Parser<T>): Parser<readonly T[]> {
  return (at) => {
    const found: Match<readonly T[]>[] = [{ value: [], end: at }];
    for (let index = 0; index < found.length; index++) {
      const so = found[index];
      if (so === undefined) break;
      for (const next of spend(parser(so.end))) if (next.end > so.end) found.push({ value: [...so.value, next.value], end: next.end });
    }
    return found;
  };
}

/** One or more, with `separator` between. */
export function separated<T>(parser: Parser<T>, separator: Parser<unknown>): Parser<readonly T[]> {
  return map(sequence(parser, many(after(separator, parser))), ([first, rest]) => [first, ...rest]);
}

/** Remembers what was found at each position, and lets a rule refer to itself. */
export function rule<T>(define: () => Parser<T>): Parser<T> {
  const seen = new Map<number, readonly Match<T>[]>();
  let parser: Parser<T> | undefined;
  return (at) => {
    const known = seen.get(at);
    if (known !== undefined) return known;
    parser ??= define();
    const matches = distinct(parser(at));
    seen.set(at, matches);
    return matches;
  };
}

function distinct<T>(matches: readonly Match<T>[]): readonly Match<T>[] {
  if (matches.length < 2) return matches;
  return [...new Map(matches.map((match) => [`${match.end} ${JSON.stringify(match.value)}`, match])).values()];
}

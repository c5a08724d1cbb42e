export type QuotedSpan = { readonly start: number; readonly end: number; readonly text: string };

const CLOSING: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["“", "”"],
  ["‘", "’"],
  ["«", "»"],
]);

/** Stands for a quoted character, so that rules about words cannot match inside quotes. */
const MASK = "\uFFFC";

const isWord = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}_]/u.test(character);

/** The quoted parts of `text` in order; an apostrophe inside a word neither opens nor closes. `start` and `end` include the quotes. */
export function findQuoted(text: string): readonly QuotedSpan[] {
  const spans: QuotedSpan[] = [];
  const unclosed = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    const closing = CLOSING.get(text.charAt(at));
    if (closing === undefined || unclosed.has(closing) || isWord(text[at - 1])) continue;
    const end = findClosing(text, at + 1, closing);
    if (end === -1) {
      unclosed.add(closing);
      continue;
    }
    spans.push({ start: at, end: end + 1, text: text.slice(at + 1, end) });
    at = end;
  }
  return spans;
}

function findClosing(text: string, from: number, closing: string): number {
  for (let at = text.indexOf(closing, from); at !== -1; at = text.indexOf(closing, at + 1)) {
    if (!isWord(text[at + 1])) return at;
  }
  return -1;
}

/** The same text at the same positions with everything quoted made unreadable. */
export function maskQuoted(text: string): string {
  let masked = "";
  let from = 0;
  for (const { start, end } of findQuoted(text)) {
    masked += text.slice(from, start + 1) + MASK.repeat(end - start - 2);
    from = end - 1;
  }
  return masked + text.slice(from);
}

/** Replaces what `pattern` finds outside quotes; quoted text stays as it is. */
export function replaceUnquoted(text: string, pattern: RegExp, replace: (match: RegExpExecArray) => string): string {
  const masked = maskQuoted(text);
  let result = "";
  let from = 0;
  for (const match of masked.matchAll(pattern)) {
    if (match[0].includes(MASK)) continue;
    result += text.slice(from, match.index) + replace(match);
    from = match.index + match[0].length;
  }
  return result + text.slice(from);
}

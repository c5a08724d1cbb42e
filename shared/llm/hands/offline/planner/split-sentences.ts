import { findPaths } from "../text/paths.ts";
import { maskQuoted } from "../text/quotes.ts";

const MAKE = "(?:write|save|store|export|put|create|produce|generate)";
const WORK = `(?:${MAKE}|read|load|open|compute|calculate|find|determine|count|list|show|get|filter|report|give|sum|select|sort|group|tell)`;
const SOONER = "(?:then|afterwards?|after that|finally|lastly|next|subsequently|in parallel|meanwhile|at the same time)";

/** Where one sentence holds several steps: before "then" and its like, and before a second command that writes a file. */
const JOINTS = [
  new RegExp(`(?:,|;)\\s+(?:and\\s+)?(?=${SOONER}\\b(?! (?:with|as|to)\\b))`, "giu"),
  new RegExp(`\\s+and\\s+(?=${SOONER}\\b(?! (?:with|as|to)\\b))`, "giu"),
  /\s+(?=then,?\s)/giu,
  new RegExp(`,?\\s+and\\s+(?:also\\s+)?(?=${MAKE}\\b)`, "giu"),
];

/** Sentences without numbers or bullets, cut into steps. Text in quotes is never cut. */
export function splitSentences(text: string, files: readonly string[]): string[] {
  return sentences(joinWrappedLines(text)).flatMap((sentence) => splitCommands(sentence, files));
}

type Cut = { readonly start: number; readonly end: number };

/** A line break ends a step unless the next line goes on in lower case and nothing ended before it. */
function joinWrappedLines(text: string): string {
  return pieces(text, findCuts(text, /(?<=[^.!?;:\s])[ \t]*\n[ \t]*(?=[\p{Ll}\d(])/gu)).join(" ");
}

function sentences(text: string): string[] {
  return pieces(text, findCuts(text, /(?<=[.!?;]["'”’`)]?)\s+|\n+/gu));
}

function splitCommands(sentence: string, files: readonly string[]): string[] {
  const cuts = JOINTS.flatMap((joint) => findCuts(sentence, joint)).filter((cut) => cut.start > 0);
  return pieces(sentence, [...cuts, ...afterReading(sentence, files), ...afterFiltering(sentence)]);
}

/** "Read a.csv and count the rows": what follows the file of a reading command is a step of its own. */
function afterReading(sentence: string, files: readonly string[]): Cut[] {
  const [path] = findPaths(sentence, files);
  if (path === undefined || !/^\s*(?:(?:please|first|then),?\s+)*(?:read|load|open|import)\b/iu.test(sentence)) return [];
  const joint = new RegExp(`^(?:,?\\s+and\\s+|,\\s+)(?=${WORK}\\b)`, "iu").exec(sentence.slice(path.end));
  return joint === null ? [] : [{ start: path.end, end: path.end + joint[0].length }];
}

/** "Filter it to … and compute …": the rows are chosen in a step of their own. */
function afterFiltering(sentence: string): Cut[] {
  if (!/^\s*(?:(?:please|first|then|next),?\s+)*(?:filter|keep)\b/iu.test(sentence)) return [];
  return findCuts(sentence, /,?\s+and\s+(?=(?:then\s+)?(?:compute|calculate|determine|count (?:the|how))\b)/giu);
}

function findCuts(text: string, pattern: RegExp): Cut[] {
  return [...maskQuoted(text).matchAll(pattern)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

function pieces(text: string, cuts: readonly Cut[]): string[] {
  const found: string[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a.start - b.start)) {
    if (cut.start < from) continue;
    found.push(text.slice(from, cut.start));
    from = cut.end;
  }
  return [...found, text.slice(from)].filter((piece) => piece.trim() !== "");
}

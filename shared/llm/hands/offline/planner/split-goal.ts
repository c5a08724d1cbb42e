import { unsupportedOffline } from "../../../../platform/errors.ts";
import { findPaths } from "../text/paths.ts";
import { maskQuoted } from "../text/quotes.ts";
import { splitSentences } from "./split-sentences.ts";

/** The steps of a goal in order, each as the person wrote it. `preamble` is what stands before the first numbered or bulleted step. */
export type SplitGoal = { readonly preamble: string; readonly steps: readonly string[] };

/**
 * Numbered steps (`1.`, `1)`, `(1)`, `Step 1:`; each on its own line or all on one), bulleted steps, else sentences.
 * @throws AppError `unsupported_offline` when text before the first step says more than which file it is about
 */
export function splitGoal(goal: string, files: readonly string[]): SplitGoal {
  const text = goal.replaceAll("\r\n", "\n").trim();
  const split = splitNumbered(text) ?? splitBulleted(text) ?? { preamble: "", steps: splitSentences(text, files) };
  requireHarmless(split.preamble, files);
  return { preamble: split.preamble, steps: split.steps.map((step) => step.trim()).filter((step) => step !== "") };
}

type Marker = { readonly number: number; readonly start: number; readonly end: number; readonly sure: boolean };

const MARKER = /(?<=^|\s)(?:step\s+(\d{1,3})\s*(?:[:.)]|[-–—](?=\s))|\(?(\d{1,3})[.)])\s+(?=\S)/giu;

/** After these a number belongs to the sentence and does not begin a step. */
const EXPECTS_NUMBER =
  /(?:[-+*/%^=<>,(×÷≤≥]|\b(?:and|or|to|by|than|is|are|minus|plus|times|over|under|above|below|at|most|least|steps?|between|of|top|bottom|equals|with|divided|from|first|last|version|in|per))\s*$/iu;

function splitNumbered(text: string): SplitGoal | null {
  const masked = maskQuoted(text);
  const markers = countUp([...masked.matchAll(MARKER)].flatMap((match) => markerAt(match, masked)));
  const [first] = markers;
  if (first === undefined || (markers.length === 1 && !first.sure)) return null;
  const steps = markers.map((marker, index) => text.slice(marker.end, markers[index + 1]?.start ?? text.length));
  return { preamble: text.slice(0, first.start), steps };
}

/** How far back the words are that tell whether a number begins a step. */
const CONTEXT = 40;

/** A marker is sure at the start of a line or a sentence; elsewhere a plain number may begin a step if nothing else takes it. */
function markerAt(match: RegExpExecArray, masked: string): readonly Marker[] {
  const start = match.index;
  const before = `${start > CONTEXT ? "…" : ""}${masked.slice(Math.max(0, start - CONTEXT), start)}`;
  const isLineStart = /(?:^|\n[ \t]*)$/u.test(before);
  const expected = !isLineStart && EXPECTS_NUMBER.test(before);
  const sure = isLineStart || (!expected && /[.;!?:)"'”’`]\s+$/u.test(before));
  if (!sure && (expected || match[1] !== undefined)) return [];
  return [{ number: Number(match[1] ?? match[2]), start, end: start + match[0].length, sure }];
}

/** The markers that count 1, 2, 3, …; a sure one is taken before an unsure one of the same number. */
function countUp(candidates: readonly Marker[]): readonly Marker[] {
  const byNumber = new Map<number, Marker[]>();
  for (const marker of candidates) {
    const known = byNumber.get(marker.number);
    if (known === undefined) byNumber.set(marker.number, [marker]);
    else known.push(marker);
  }
  const chosen: Marker[] = [];
  let from = 0;
  for (let number = 1; ; number++) {
    const ahead = byNumber.get(number)?.filter((marker) => marker.start >= from) ?? [];
    const marker = ahead.find((candidate) => candidate.sure) ?? ahead[0];
    if (marker === undefined) return chosen;
    chosen.push(marker);
    from = marker.end;
  }
}

function splitBulleted(text: string): SplitGoal | null {
  const lines = text.split("\n");
  const isBullet = (line: string): boolean => /^ {0,3}[-*•–]\s+\S/u.test(line);
  const first = lines.findIndex(isBullet);
  if (first === -1) return null;
  const steps: string[] = [];
  for (const line of lines.slice(first)) {
    if (isBullet(line)) steps.push(line.replace(/^ {0,3}[-*•–]\s+/u, ""));
    else if (/^[A-Z]/u.test(line)) steps.push(line);
    else steps.push(`${steps.pop() ?? ""}\n${line}`);
  }
  return { preamble: lines.slice(0, first).join("\n"), steps };
}

const HARMLESS = new Set(
  (
    "please do carry out perform follow execute the following these steps step tasks task in order here are is my goal plan todo with using on for " +
    "from and file files csv data dataset of work analyse analyze analysis have i you we need want like to a answer questions question process handle " +
    "workspace below one after another about given there's would as follows then this"
  ).split(" "),
);

/** What stands before the first step must not change what the steps mean, so only an introduction and file names may stand there. */
function requireHarmless(preamble: string, files: readonly string[]): void {
  let rest = preamble;
  for (const span of [...findPaths(preamble, files)].reverse()) rest = `${rest.slice(0, span.start)} ${rest.slice(span.end)}`;
  const words = rest.toLowerCase().match(/[\p{L}\p{N}'’]+/gu) ?? [];
  const unknown = words.find((word) => !HARMLESS.has(word));
  if (unknown === undefined) return;
  throw unsupportedOffline(
    `the text before the first step says more than the offline rules can keep ("${unknown}"): put what it asks for into the steps, or configure a model`,
  );
}

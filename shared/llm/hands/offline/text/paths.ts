import { findQuoted, maskQuoted } from "./quotes.ts";

export type PathSpan = { readonly start: number; readonly end: number; readonly path: string };

const EXTENSION =
  "(?:csv|tsv|txt|md|markdown|json|jsonl|log|html?|xml|ya?ml|toml|ini|js|ts|py|sql|sh|xlsx?|docx?|pptx?|pdf|parquet|png|jpe?g|gif|svg|zip)";
const PATH = new RegExp(`(?<![\\w./:@-])[\\w./@()+=-]{0,200}[\\w)]\\.${EXTENSION}(?![\\w/@-]|\\.\\w)`, "giu");
const LOOKS_LIKE_PATH = new RegExp(`^[^\\n"]{1,250}\\.${EXTENSION}$`, "iu");

/**
 * The file paths that a text names, in order: the known files by name, quoted names, and words that end like a file.
 * @param files paths that exist, which may contain spaces
 */
export function findPaths(text: string, files: readonly string[]): readonly PathSpan[] {
  const quoted = findQuoted(text)
    .filter((span) => LOOKS_LIKE_PATH.test(span.text) || files.includes(span.text))
    .map((span) => ({ start: span.start, end: span.end, path: span.text }));
  const masked = maskQuoted(text);
  const known = files.flatMap((path) => findVerbatim(masked, path));
  const spelled = [...masked.matchAll(PATH)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    path: match[0],
  }));
  const taken = new Uint8Array(text.length);
  const spans: PathSpan[] = [];
  for (const span of [...quoted, ...known.sort((a, b) => b.path.length - a.path.length), ...spelled]) {
    if (taken.subarray(span.start, span.end).includes(1)) continue;
    taken.fill(1, span.start, span.end);
    spans.push(span);
  }
  return spans.sort((a, b) => a.start - b.start);
}

function findVerbatim(text: string, path: string): PathSpan[] {
  const spans: PathSpan[] = [];
  for (let at = text.indexOf(path); at !== -1; at = text.indexOf(path, at + path.length)) {
    const end = at + path.length;
    const isWhole = !/[\w./@-]/u.test(text[at - 1] ?? " ") && !/^(?:[\w/@-]|\.\w)/u.test(text.slice(end, end + 2));
    if (isWhole) spans.push({ start: at, end, path });
  }
  return spans;
}

/** The part after the last dot, in lower case; empty when there is none. */
export function extensionOf(path: string): string {
  return /\.([A-Za-z0-9]+)$/u.exec(path)?.[1]?.toLowerCase() ?? "";
}

export function isTablePath(path: string): boolean {
  return extensionOf(path) === "csv";
}

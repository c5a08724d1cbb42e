/** A name with an extension of letters, perhaps in folders: `sums.md`, `data/2026.csv`; no number, no "e.g.", no part of an address. */
const PATH = /(?<![\w./-])(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.[A-Za-z][A-Za-z0-9]{1,7}(?![\w/-])/g;

/** The files that a text names, as far as one can see: what it says about others does not count. */
export function nameFiles(text: string): string[] {
  return [...text.replaceAll(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, " ").matchAll(PATH)].map(([path]) => path);
}

import type { Column } from "./columns.ts";
import { findWhole } from "./columns.ts";
import { either, keep, map, type Parser, rule, separated } from "./parser.ts";
import type { Literal } from "./readings.ts";
import type { Terminals } from "./terminals.ts";

/** Words that carry the sentence; a value that holds one must be quoted. */
const RESERVED = new Set(
  (
    "a all also among do does an and any are as at be below above under over between but by contains containing descending ascending during each either empty " +
    "blank missing null filled end ends equal equals every except excluding exceeds fewer for from greater group grouped had has have higher if in " +
    "include including is it its larger least less lower more most neither no none nor not of on only or order ordered other per rows save sort " +
    "sorted smaller start starts than that the them then there these this those to too unless using was were when where which while whose with " +
    "within without write both please just"
  ).split(" "),
);

const WORD = /[^\s,;:()[\]"'`“”‘’«»=<>!?≤≥≠]*[^\s,;:()[\]"'`“”‘’«»=<>!?≤≥≠.]/uy;
const LONGEST_VALUE = 6;

/** Reads a value that a cell is compared with: quoted, a number, or a few plain words that are not the name of a column. */
export function literalParser(terminals: Terminals, columns: readonly Column[]): Parser<Literal> {
  const quoted = map(terminals.quoted, (text) => ({ text, quoted: true, numeric: false }));
  const number = map(terminals.number, (text) => ({ text, quoted: false, numeric: true }));
  const word = keep(terminals.pattern(WORD), (text) => (RESERVED.has(text.toLowerCase()) ? undefined : text));
  const words = keep(
    separated(word, (at) => [{ value: null, end: at }]),
    (parts) => {
      const text = parts.join(" ");
      const isPlain = parts.length <= LONGEST_VALUE && !isNumeric(text) && findWhole(columns, text).length === 0;
      return isPlain ? { text, quoted: false, numeric: false } : undefined;
    },
  );
  return rule(() => either<Literal>(quoted, number, words));
}

function isNumeric(text: string): boolean {
  return /^[-+−]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?$/iu.test(text);
}

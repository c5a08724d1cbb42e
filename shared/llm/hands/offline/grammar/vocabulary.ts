import type { Column } from "./columns.ts";
import { columnParser, findWhole } from "./columns.ts";
import { after, before, either, map, never, optional, type Parser } from "./parser.ts";
import type { Aggregate } from "./readings.ts";
import type { Terminals } from "./terminals.ts";

/**
 * The table that a step may ask about. `rowWords` are what its rows may be called; `isCountable` is false where a row stands for
 * many, so that counting rows could mean either.
 */
export type TableContext = { readonly columns: readonly Column[]; readonly rowWords: readonly string[]; readonly isCountable: boolean };

/** What the rules about questions share: the table that is asked about, and the words for its rows and columns. */
export type Vocabulary = {
  readonly terminals: Terminals;
  readonly columns: readonly Column[];
  readonly column: Parser<number>;
  /** "the column body_mass_g", "values of body_mass_g". */
  readonly columnPhrase: Parser<number>;
  readonly aggregate: Parser<Aggregate>;
  /** "rows", or what the file is named after. */
  readonly rows: Parser<string>;
  /** Whether the rows may be counted at all. */
  readonly isCountable: boolean;
  /** Whether a word could also be meant as a column. */
  readonly isColumn: (word: string) => boolean;
  readonly the: Parser<string | null>;
};

const ROW_WORDS: readonly string[] = [
  "rows",
  "row",
  "records",
  "record",
  "entries",
  "entry",
  "observations",
  "observation",
  "data rows",
  "data points",
];

/**
 * What the rows of a file may be called: those of penguins.csv are "penguins".
 */
export function rowWordsFor(path: string): readonly string[] {
  const stem = /^(?:.*\/)?([\p{L}]{3,})\.\w+$/u.exec(path)?.[1]?.toLowerCase();
  return stem === undefined ? ROW_WORDS : [...ROW_WORDS, stem];
}

const AGGREGATES: Readonly<Record<Aggregate, readonly string[]>> = {
  mean: ["mean", "average", "avg", "arithmetic mean", "means", "averages"],
  sum: ["sum", "total", "sum up", "add up", "sums", "totals", "total sum"],
  min: ["min", "minimum", "smallest", "lowest", "least", "minimal", "minima"],
  max: ["max", "maximum", "largest", "highest", "greatest", "biggest", "maximal", "maxima"],
  median: ["median", "medians"],
};

export const aggregateNames: readonly Aggregate[] = ["mean", "sum", "min", "max", "median"];

export function aggregateWords(aggregate: Aggregate): readonly string[] {
  return AGGREGATES[aggregate];
}

/** A word for rows that a column is called too is none. */
export function createVocabulary(terminals: Terminals, text: string, { columns, rowWords, isCountable }: TableContext): Vocabulary {
  const { words } = terminals;
  const column = columnParser(text, columns);
  const isColumn = (word: string): boolean => findWhole(columns, word).length > 0;
  const the = optional(words("the"));
  const named = columns.map(({ name }) => ({ name, aliases: [] }));
  const plain = rowWords.filter((word) => findWhole(named, word).length === 0);
  const lead = optional(words("the", "all", "all the", "all of the", "its", "of the", "these", "those"));
  return {
    terminals,
    columns,
    column,
    isColumn,
    the,
    isCountable,
    columnPhrase: before(
      after(
        optional(
          words(
            "the",
            "the column",
            "column",
            "the values of",
            "values of",
            "the values in",
            "the field",
            "the values in the column",
            "all",
          ),
        ),
        column,
      ),
      optional(words("column", "values", "value")),
    ),
    aggregate: either<Aggregate>(...aggregateNames.map((name) => map(words(...AGGREGATES[name]), () => name))),
    rows: plain.length === 0 ? never<string>() : after(lead, words(...plain)),
  };
}

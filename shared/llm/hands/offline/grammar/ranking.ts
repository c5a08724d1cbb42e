import { singleMeasureParser } from "./measures.ts";
import { combine, type Modifiers, modifiersParser } from "./modifiers.ts";
import { after, always, before, either, keep, map, never, optional, type Parser, rule, sequence } from "./parser.ts";
import { openingParser, toQuery } from "./questions.ts";
import type { Action, Direction, Measure, Ranking } from "./readings.ts";
import type { Vocabulary } from "./vocabulary.ts";

const HIGHEST = ["highest", "largest", "greatest", "biggest", "maximum", "max"];
const LOWEST = ["lowest", "smallest", "least", "minimum", "min"];
const NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** What rows are ranked by: a measure of groups, or a column as it stands. */
type Yardstick = { readonly measure: Measure } | { readonly column: number };
type Ranked = { readonly direction: Direction; readonly by: Yardstick };

/** "which species has the highest mean body_mass_g", "the 3 islands with the most rows", "top 5 rows by price". */
export function rankingParser(vocabulary: Vocabulary): Parser<Action> {
  const { terminals, columnPhrase, the, rows } = vocabulary;
  const { words } = terminals;
  const modifiers = modifiersParser(vocabulary);
  const opening = openingParser(terminals);
  const ranked = rankedParser(vocabulary);
  const count = countParser(vocabulary);
  const subject = either<number | null>(
    columnPhrase,
    map(rows, () => null),
  );
  const having = words("with", "has", "have", "had", "having", "that has", "that have", "shows");
  const which = map(
    sequence(words("which", "what", "find which", "determine which"), optional(count), columnPhrase, having, ranked),
    ([, limit, column, , found]): Named => ({ subject: column, count: limit, ...found }),
  );
  const withExtreme = map(
    sequence(sequence(opening, the), optional(count), subject, having, ranked),
    ([, limit, column, , found]): Named => ({ subject: column, count: limit, ...found }),
  );
  const top = map(
    sequence(
      sequence(opening, the),
      either<Direction>(after(words("top"), always<Direction>("descending")), after(words("bottom"), always<Direction>("ascending"))),
      count,
      subject,
      words("by", "according to", "in terms of", "ranked by"),
      yardstickParser(vocabulary),
    ),
    ([, direction, limit, column, , by]): Named => ({ subject: column, count: limit, direction, by }),
  );
  const named = either<Named>(which, withExtreme, top);
  return rule(() =>
    keep(sequence(before(modifiers, optional(words(","))), named, modifiers), ([first, found, second]) =>
      toAction(found, combine([first, second])),
    ),
  );
}

type Named = Ranked & { readonly subject: number | null; readonly count: number | null };

function rankedParser(vocabulary: Vocabulary): Parser<Ranked> {
  const { terminals, the, rows, columnPhrase, isCountable } = vocabulary;
  const { words } = terminals;
  const extreme = either<Direction>(
    after(words(...HIGHEST), always<Direction>("descending")),
    after(words(...LOWEST), always<Direction>("ascending")),
  );
  const amount = either<Direction>(
    after(words("most"), always<Direction>("descending")),
    after(words("fewest"), always<Direction>("ascending")),
  );
  const counted = either<Yardstick>(
    isCountable ? after(rows, always<Yardstick>({ measure: { measure: "rows" } })) : never<Yardstick>(),
    map(
      after(words("distinct", "different", "unique"), columnPhrase),
      (column): Yardstick => ({ measure: { measure: "distinct", column } }),
    ),
    map(columnPhrase, (column): Yardstick => ({ column })),
  );
  return either<Ranked>(
    map(sequence(the, extreme, yardstickParser(vocabulary)), ([, direction, by]) => ({ direction, by })),
    map(sequence(the, amount, counted), ([, direction, by]) => ({ direction, by })),
  );
}

function yardstickParser(vocabulary: Vocabulary): Parser<Yardstick> {
  return either<Yardstick>(
    map(singleMeasureParser(vocabulary), (measure) => ({ measure })),
    map(vocabulary.columnPhrase, (column) => ({ column })),
  );
}

function countParser({ terminals }: Vocabulary): Parser<number> {
  return either<number>(terminals.integer, ...NUMBERS.map((word, index) => map(terminals.words(word), () => index + 1)));
}

function toAction({ subject, count, direction, by }: Named, modifiers: Modifiers | undefined): Action | undefined {
  if (modifiers === undefined || modifiers.group.length > 0 || modifiers.order !== null || count === 0) return undefined;
  const ranking: Ranking = { direction, count };
  if ("measure" in by) {
    if (subject === null) return undefined;
    const query = toQuery([by.measure], { ...modifiers, group: [subject] });
    return query === undefined ? undefined : { action: "query", query: { ...query, ranking } };
  }
  if (subject === by.column) return undefined;
  const { source, filter } = modifiers;
  const columns = subject === null ? null : [subject, by.column];
  const order = { by: { column: by.column }, direction };
  return { action: "select", selection: { source, filter, columns, distinct: false, order, ranking, unique: subject } };
}

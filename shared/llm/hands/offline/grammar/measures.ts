import { after, always, before, either, keep, map, never, optional, type Parser, rule, separated, sequence } from "./parser.ts";
import type { Measure } from "./readings.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What is computed: "the mean and max of a and b", "the number of rows", "the number of distinct values of c". */
export function measuresParser(vocabulary: Vocabulary): Parser<readonly Measure[]> {
  const { terminals, columnPhrase, isCountable, the } = vocabulary;
  const measure = measureParser(vocabulary);
  const list = map(separated(measure, terminals.listSeparator), (groups) => unique(groups.flat()));
  const bare = map(after(the, columnPhrase), (column): readonly Measure[] => [{ measure: "bare", column }]);
  return rule(() => (isCountable ? either(list, bare) : list));
}

/** Exactly one measure, for "the species with the highest <measure>". */
export function singleMeasureParser(vocabulary: Vocabulary): Parser<Measure> {
  return keep(measureParser(vocabulary), (measures) => (measures.length === 1 ? measures[0] : undefined));
}

function measureParser(vocabulary: Vocabulary): Parser<readonly Measure[]> {
  return rule(() => either(countParser(vocabulary), aggregatesParser(vocabulary)));
}

function aggregatesParser({ terminals, aggregate, columnPhrase }: Vocabulary): Parser<readonly Measure[]> {
  const { words, listSeparator } = terminals;
  const named = before(after(optional(words("the", "the overall", "overall")), aggregate), optional(words("value", "values")));
  const aggregates = separated(named, listSeparator);
  const columns = separated(columnPhrase, listSeparator);
  const joint = optional(words("of", "for", "in", "value of", "the values of"));
  const called = map(sequence(aggregate, after(words("("), columnPhrase), words(")")), ([name, column]) => [{ measure: name, column }]);
  const spoken = map(sequence(aggregates, joint, columns), ([names, , indexes]) =>
    names.flatMap((name) => indexes.map((column) => ({ measure: name, column }))),
  );
  return either<readonly Measure[]>(spoken, called);
}

const COUNT_LEADS = [
  "count",
  "count the number of",
  "the count of",
  "count of",
  "the number of",
  "number of",
  "the total number of",
  "total number of",
  "the total count of",
  "how many",
  "total",
];

function countParser(vocabulary: Vocabulary): Parser<readonly Measure[]> {
  const { terminals, rows, columnPhrase, isColumn, isCountable, the } = vocabulary;
  const { words } = terminals;
  const lead = sequence(words(...COUNT_LEADS), the);
  const countsOfRows = !isCountable
    ? never<unknown>()
    : before(after(lead, rows), optional(words("are there", "there are", "are", "exist", "are present")));
  const shortWords = ["count", "counts", "row count", "row counts", "total count"];
  const short = !isCountable || isColumn("count") || isColumn("row count") ? never<string>() : after(the, words(...shortWords));
  const different = sequence(
    lead,
    words("distinct", "different", "unique"),
    optional(words("values of", "values in", "values for", "values of the", "values in the")),
  );
  const filled = sequence(
    lead,
    words(
      "values of",
      "values in",
      "values for",
      "non-empty values of",
      "non-empty values in",
      "non-empty cells of",
      "non-empty cells in",
      "filled cells in",
      "filled cells of",
    ),
  );
  const thereAre = optional(words("are there", "there are", "occur", "exist"));
  return either<readonly Measure[]>(
    after(either<unknown>(countsOfRows, short), always<readonly Measure[]>([{ measure: "rows" }])),
    map(before(after(different, columnPhrase), thereAre), (column) => [{ measure: "distinct", column }]),
    map(before(after(filled, columnPhrase), thereAre), (column) => [{ measure: "values", column }]),
  );
}

function unique(measures: readonly Measure[]): readonly Measure[] {
  return [...new Map(measures.map((measure) => [JSON.stringify(measure), measure])).values()];
}

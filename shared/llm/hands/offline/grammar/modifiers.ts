import { bareConditionParser, filterParser } from "./conditions.ts";
import { after, always, before, either, keep, many, map, optional, type Parser, rule, separated, sequence } from "./parser.ts";
import type { Direction, Filter, SourceName } from "./readings.ts";
import { stepListParser } from "./references.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What narrows a question down, in any order, each at most once. */
export type Modifiers = {
  readonly source: SourceName | null;
  readonly filter: Filter | null;
  readonly group: readonly number[];
  readonly order: OrderName | null;
};

/** By which of the things shown the rows are ordered: "column 2", "mean", "mean 2", "count" or "value", resolved against what the question shows. */
export type OrderName = { readonly by: string; readonly direction: Direction };

export type Modifier = Partial<Modifiers>;

export function modifiersParser(vocabulary: Vocabulary): Parser<Modifiers> {
  const { words } = vocabulary.terminals;
  const overall = map(
    words("overall", "in total", "in all", "altogether", "across all rows", "over all rows", "of all rows", "are there", "there are"),
    (): Modifier => ({}),
  );
  const modifier = rule(() =>
    either<Modifier>(
      map(sourceParser(vocabulary), (source) => ({ source })),
      map(whereParser(vocabulary), (filter) => ({ filter })),
      map(groupParser(vocabulary), (group) => ({ group })),
      map(orderParser(vocabulary), (order) => ({ order })),
      overall,
    ),
  );
  return rule(() => keep(many(after(optional(words(",")), modifier)), combine));
}

/** What is said in `parts` together; undefined when two of them say the same kind of thing. */
export function combine(parts: readonly Modifier[]): Modifiers | undefined {
  const said = parts.map(
    (part): Modifier => ({
      ...(isSaid(part.source) ? { source: part.source } : {}),
      ...(isSaid(part.filter) ? { filter: part.filter } : {}),
      ...(part.group !== undefined && part.group.length > 0 ? { group: part.group } : {}),
      ...(isSaid(part.order) ? { order: part.order } : {}),
    }),
  );
  const keys = said.flatMap((part) => Object.keys(part));
  if (new Set(keys).size !== keys.length) return undefined;
  return said.reduce<Modifiers>((all, part) => ({ ...all, ...part }), { source: null, filter: null, group: [], order: null });
}

function isSaid<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

/** "the filtered rows of", before "step 2". */
const STEP_NOUNS =
  /(?:the )?(?:filtered |selected |resulting |remaining |sorted )?(?:rows|data|table|results?|output|file|contents?)(?: (?:read|selected|kept|filtered|found|computed|produced))? (?:of|from|in|by)(?!\w)/iuy;

export function sourceParser({ terminals }: Vocabulary): Parser<SourceName> {
  const { words, path } = terminals;
  const joint = words("in", "from", "of", "on", "for", "using", "over", "with", "within", "inside", "across");
  const file = words(
    "the file",
    "file",
    "the csv file",
    "csv file",
    "the csv",
    "the data in",
    "the data from",
    "the data of",
    "data from",
    "data in",
    "the rows of",
    "the rows in",
    "rows of",
    "the table in",
  );
  const pronoun = words(
    ..."it|this|that|this file|that file|the file|this table|that table|the table|this data|that data|the data|the dataset|these rows|those rows|the result|the results|that result|this result|them|these|the resulting table|the resulting rows".split(
      "|",
    ),
  );
  const nouns = terminals.pattern(STEP_NOUNS);
  return rule(() =>
    either<SourceName>(
      map(after(sequence(joint, optional(file)), path), (name) => ({ from: "path", path: name })),
      map(after(sequence(joint, optional(nouns)), stepListParser(terminals)), (steps) => ({ from: "steps", steps })),
      after(sequence(joint, pronoun), always<SourceName>({ from: "pronoun" })),
    ),
  );
}

/** What a command is applied to: a file, "it", the result of a step, or whatever the step is about. */
export function targetParser(vocabulary: Vocabulary): Parser<SourceName | null> {
  const { terminals, rows } = vocabulary;
  const { words, path } = terminals;
  const ofFile = optional(words("the file", "the rows of", "the rows in", "the data in"));
  const ofSteps = after(terminals.pattern(STEP_NOUNS), stepListParser(terminals));
  return either<SourceName | null>(
    map(after(ofFile, path), (name) => ({ from: "path", path: name })),
    map(ofSteps, (steps) => ({ from: "steps", steps })),
    after(words(...THINGS), always<SourceName>({ from: "pronoun" })),
    after(either<unknown>(rows, words("the data", "data")), always(null)),
  );
}

const THINGS = ["it", "this", "them", "that table", "the table", "this table", "the file", "that file", "the result", "the results"];

const WHERE = [
  "where",
  "with",
  "whose",
  "for which",
  "in which",
  "that have",
  "which have",
  "having",
  "have",
  "has",
  "when",
  "if",
  "only where",
];
const ROW_JOINTS = [
  "for",
  "of",
  "in",
  "among",
  "over",
  "on",
  "from",
  "considering",
  "only for",
  "counting",
  "for only",
  "only considering",
  "restricted to",
  "using",
  "using only",
];

export function whereParser(vocabulary: Vocabulary): Parser<Filter> {
  const { terminals, columns, column, rows } = vocabulary;
  const { words } = terminals;
  const filter = filterParser(terminals, columns, column);
  const ofRows = sequence(words(...ROW_JOINTS), optional(words("only", "just")), rows);
  const bare = after(
    words("for", "with", "on", "in", "of", "from", "only for", "have", "has", "having"),
    bareConditionParser(terminals, columns, column),
  );
  return rule(() =>
    either<Filter>(
      after(sequence(optional(ofRows), words(...WHERE)), filter),
      bare,
      after(sequence(ofRows, words("with", "on", "in", "of", "from", "for")), bareConditionParser(terminals, columns, column)),
    ),
  );
}

const PER = [
  "per",
  "by",
  "for each",
  "for every",
  "in each",
  "in every",
  "of each",
  "of every",
  "on each",
  "within each",
  "grouped by",
  "group by",
  "broken down by",
  "split by",
  "for each value of",
  "per value of",
  "for each combination of",
  "per combination of",
  "for each of the",
  "for each distinct",
  "for every value of",
  "and group by",
];

export function groupParser({ terminals, columnPhrase }: Vocabulary): Parser<readonly number[]> {
  const { words, listSeparator } = terminals;
  return rule(() => after(words(...PER), separated(columnPhrase, listSeparator)));
}

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ascending: "ascending",
  "in ascending order": "ascending",
  "from low to high": "ascending",
  "from lowest to highest": "ascending",
  "from smallest to largest": "ascending",
  "lowest first": "ascending",
  "smallest first": "ascending",
  descending: "descending",
  "in descending order": "descending",
  "from high to low": "descending",
  "from highest to lowest": "descending",
  "from largest to smallest": "descending",
  "highest first": "descending",
  "largest first": "descending",
};

export function directionParser({ terminals }: Vocabulary): Parser<Direction> {
  return keep(terminals.words(...Object.keys(DIRECTIONS)), (phrase) => DIRECTIONS[phrase]);
}

const ORDERED = [
  "sorted by",
  "ordered by",
  "sort by",
  "order by",
  "ranked by",
  "and sort by",
  "and sort it by",
  "and sort them by",
  "and order by",
  "sorted on",
];

/** The phrase may be a column or a measure; which one is settled by what the question shows. */
function orderParser(vocabulary: Vocabulary): Parser<OrderName> {
  const { terminals, columnPhrase, aggregate, the } = vocabulary;
  const { words } = terminals;
  const joint = optional(words("of"));
  const phrase = either<string>(
    map(columnPhrase, (index) => `column ${index}`),
    map(sequence(the, aggregate, joint, columnPhrase), ([, name, , index]) => `${name} ${index}`),
    map(after(the, aggregate), (name) => name),
    map(after(the, words("count", "counts", "number of rows", "row count", "number")), () => "count"),
    map(after(the, words("value", "values", "result")), () => "value"),
  );
  const direction = directionParser(vocabulary);
  const trailing = optional(after(optional(words(",", "in")), before(direction, optional(words("order")))));
  const byFirst = map(
    sequence(after(words(...ORDERED), phrase), trailing),
    ([by, way]): OrderName => ({
      by,
      direction: way ?? "ascending",
    }),
  );
  const wayFirst = map(
    sequence(after(words("sorted", "ordered"), direction), after(words("by"), phrase)),
    ([way, by]): OrderName => ({ by, direction: way }),
  );
  const alone = map(
    after(optional(words("sorted", "ordered")), directionParser(vocabulary)),
    (way): OrderName => ({ by: "value", direction: way }),
  );
  return either<OrderName>(byFirst, wayFirst, alone);
}

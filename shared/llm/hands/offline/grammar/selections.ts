import { combine, directionParser, type Modifiers, modifiersParser, type OrderName } from "./modifiers.ts";
import { after, always, before, either, keep, map, optional, type Parser, rule, separated, sequence } from "./parser.ts";
import { openingParser } from "./questions.ts";
import type { Order, Selection, SourceName } from "./readings.ts";
import type { Vocabulary } from "./vocabulary.ts";

const VERBS = [
  "list",
  "show",
  "show me",
  "give",
  "give me",
  "get",
  "select",
  "extract",
  "filter",
  "keep",
  "keep only",
  "return",
  "print",
  "display",
  "find",
  "filter for",
  "take",
];

/** Rows as they stand: filtered, a few columns of them, the distinct values of a column, or sorted. */
export function selectionParser(vocabulary: Vocabulary): Parser<Selection> {
  return rule(() =>
    either<Selection>(
      rowsParser(vocabulary),
      filteredParser(vocabulary),
      columnsParser(vocabulary),
      distinctParser(vocabulary),
      sortedParser(vocabulary),
    ),
  );
}

function rowsParser(vocabulary: Vocabulary): Parser<Selection> {
  const { terminals, rows } = vocabulary;
  const lead = sequence(terminals.words(...VERBS), optional(terminals.words("only", "just")), rows);
  return wrapped(vocabulary, after(lead, always<Shown>({ columns: null, distinct: false })));
}

/** "filter penguins.csv to the rows where …". */
function filteredParser(vocabulary: Vocabulary): Parser<Selection> {
  const { terminals, rows } = vocabulary;
  const { words, path } = terminals;
  const target = either<SourceName | null>(
    map(after(optional(words("the file", "the rows of", "the rows in", "the data in")), path), (name) => ({ from: "path", path: name })),
    after(
      words("it", "this", "them", "that table", "the table", "the file", "that file", "the result", "this table"),
      always<SourceName>({ from: "pronoun" }),
    ),
    after(words("the data", "data"), always(null)),
  );
  const joint = optional(
    sequence(words("to", "by", "for", "on", "down to", "keeping", "to keep"), optional(words("only")), optional(rows)),
  );
  const narrowed = before(after(words("filter"), target), joint);
  return keep(sequence(narrowed, modifiersParser(vocabulary)), ([source, rest]) =>
    rest.filter === null ? undefined : toSelection({ columns: null, distinct: false }, combine([{ source }, rest])),
  );
}

function columnsParser(vocabulary: Vocabulary): Parser<Selection> {
  const { terminals, columnPhrase, rows } = vocabulary;
  const { words, listSeparator } = terminals;
  const columns = separated(columnPhrase, listSeparator);
  const ofRows = optional(sequence(words("of", "for", "from", "in"), rows));
  const shown = map(
    before(after(words("list", "show", "show me", "select", "extract", "display", "print"), columns), ofRows),
    (list): Shown => ({ columns: list, distinct: false }),
  );
  return wrapped(vocabulary, shown);
}

function distinctParser(vocabulary: Vocabulary): Parser<Selection> {
  const { terminals, columnPhrase, the } = vocabulary;
  const { words } = terminals;
  const lead = sequence(
    openingParser(terminals),
    the,
    words("distinct", "unique", "different"),
    optional(words("values of", "values in", "values for")),
  );
  return wrapped(
    vocabulary,
    map(after(lead, columnPhrase), (column): Shown => ({ columns: [column], distinct: true })),
  );
}

function sortedParser(vocabulary: Vocabulary): Parser<Selection> {
  const { terminals, rows, columnPhrase } = vocabulary;
  const { words, path } = terminals;
  const target = either<SourceName | null>(
    map(path, (name) => ({ from: "path", path: name })),
    after(words("it", "this", "them", "the table", "that table", "the result", "the file"), always<SourceName>({ from: "pronoun" })),
    after(either<unknown>(rows, words("the data")), always(null)),
  );
  const by = after(words("by", "on"), columnPhrase);
  const direction = optional(after(optional(words(",", "in")), directionParser(vocabulary)));
  return keep(
    sequence(after(words("sort", "order"), target), modifiersParser(vocabulary), by, direction, modifiersParser(vocabulary)),
    ([source, first, column, way, second]) => {
      const order = { by: `column ${column}`, direction: way ?? ("ascending" as const) };
      return toSelection({ columns: null, distinct: false }, combine([{ source }, first, { order }, second]));
    },
  );
}

type Shown = { readonly columns: readonly number[] | null; readonly distinct: boolean };

function wrapped(vocabulary: Vocabulary, shown: Parser<Shown>): Parser<Selection> {
  const modifiers = modifiersParser(vocabulary);
  const leading = before(modifiers, optional(vocabulary.terminals.words(",")));
  return keep(sequence(leading, shown, modifiers), ([first, what, second]) => toSelection(what, combine([first, second])));
}

function toSelection({ columns, distinct }: Shown, modifiers: Modifiers | undefined): Selection | undefined {
  if (modifiers === undefined || modifiers.group.length > 0) return undefined;
  const { source, filter } = modifiers;
  const order = modifiers.order === null ? null : toOrder(modifiers.order);
  return order === undefined ? undefined : { source, filter, columns, distinct, order, ranking: null, unique: null };
}

function toOrder({ by, direction }: OrderName): Order | undefined {
  const column = /^column (\d+)$/u.exec(by)?.[1];
  return column === undefined ? undefined : { by: { column: Number(column) }, direction };
}

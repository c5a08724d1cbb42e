import { bareConditionParser, filterParser } from "./conditions.ts";
import { combine, directionParser, type Modifiers, modifiersParser, type OrderName, targetParser } from "./modifiers.ts";
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

/** "filter penguins.csv to the rows where …", "filter it by island = Dream". */
function filteredParser(vocabulary: Vocabulary): Parser<Selection> {
  const { terminals, rows, columns, column } = vocabulary;
  const { words } = terminals;
  const narrowed = after(words("filter"), targetParser(vocabulary));
  const joint = words("to", "by", "for", "on", "down to", "keeping", "to keep");
  const toRows = optional(sequence(joint, optional(words("only")), optional(rows)));
  const modifiers = modifiersParser(vocabulary);
  const direct = after(joint, either(filterParser(terminals, columns, column), bareConditionParser(terminals, columns, column)));
  const toSelected = (source: SourceName | null, rest: Modifiers | undefined): Selection | undefined =>
    rest === undefined || rest.filter === null ? undefined : toSelection(ALL_COLUMNS, combine([{ source }, rest]));
  return either<Selection>(
    keep(sequence(before(narrowed, toRows), modifiers), ([source, rest]) => toSelected(source, rest)),
    keep(sequence(narrowed, direct, modifiers), ([source, filter, rest]) => toSelected(source, combine([{ filter }, rest]))),
  );
}

/** A few columns, of rows that are said to be rows: "list the islands" alone may mean each once. */
function columnsParser(vocabulary: Vocabulary): Parser<Selection> {
  const { terminals, columnPhrase, rows } = vocabulary;
  const { words, listSeparator } = terminals;
  const verb = words("list", "show", "show me", "select", "extract", "display", "print");
  const columns = map(after(verb, separated(columnPhrase, listSeparator)), (list): Shown => ({ columns: list, distinct: false }));
  const ofRows = before(columns, sequence(words("of", "for", "from", "in"), rows));
  const filtered = keep(wrapped(vocabulary, columns), (selection) => (selection.filter === null ? undefined : selection));
  return either<Selection>(wrapped(vocabulary, ofRows), filtered);
}

function distinctParser(vocabulary: Vocabulary): Parser<Selection> {
  const { terminals, columnPhrase } = vocabulary;
  const { words } = terminals;
  const values = optional(words("values of", "values in", "values for"));
  const article = optional(words("the", "all", "all the", "all of the"));
  const lead = sequence(openingParser(terminals), article, words("distinct", "unique", "different"), values);
  const shown = map(after(lead, columnPhrase), (column): Shown => ({ columns: [column], distinct: true }));
  return wrapped(vocabulary, shown);
}

function sortedParser(vocabulary: Vocabulary): Parser<Selection> {
  const { terminals, columnPhrase } = vocabulary;
  const { words } = terminals;
  const by = after(words("by", "on"), columnPhrase);
  const direction = optional(after(optional(words(",", "in")), directionParser(vocabulary)));
  const sorted = after(words("sort", "order"), targetParser(vocabulary));
  const modifiers = modifiersParser(vocabulary);
  return keep(sequence(sorted, modifiers, by, direction, modifiers), ([source, first, column, way, second]) => {
    const order = { by: `column ${column}`, direction: way ?? ("ascending" as const) };
    return toSelection(ALL_COLUMNS, combine([{ source }, first, { order }, second]));
  });
}

const ALL_COLUMNS = { columns: null, distinct: false } as const;

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

import { measuresParser } from "./measures.ts";
import { combine, type Modifiers, modifiersParser, type OrderName, targetParser } from "./modifiers.ts";
import { after, before, either, keep, map, optional, type Parser, rule, separated, sequence } from "./parser.ts";
import type { Measure, Order, Query } from "./readings.ts";
import type { Terminals } from "./terminals.ts";
import type { Vocabulary } from "./vocabulary.ts";

const IMPERATIVES = [
  "compute",
  "calculate",
  "determine",
  "find",
  "find out",
  "get",
  "give",
  "give me",
  "show",
  "show me",
  "tell me",
  "report",
  "work out",
  "return",
  "output",
  "print",
  "display",
  "list",
  "derive",
  "obtain",
  "i want",
  "i need",
  "i want to know",
  "evaluate",
];
const QUESTIONS = ["what is", "what are", "what's", "what was", "what were", "and what is"];

/** "please compute", "what is": how a question may begin. */
export function openingParser({ words }: Terminals): Parser<unknown> {
  const polite = optional(words("please", "now", "also"));
  return optional(sequence(polite, optional(words(...IMPERATIVES, ...QUESTIONS))));
}

/** One question about a table: what to compute, from which rows, per what. */
export function queryParser(vocabulary: Vocabulary): Parser<Query> {
  const { terminals } = vocabulary;
  const { words } = terminals;
  const modifiers = modifiersParser(vocabulary);
  const measures = measuresParser(vocabulary);
  const opening = openingParser(terminals);
  const comma = optional(words(","));
  const plain = sequence(before(modifiers, comma), before(after(sequence(opening, comma), modifiers), comma), measures, modifiers);
  const doesHave = keep(
    sequence(
      after(sequence(words("how many"), vocabulary.rows), modifiers),
      after(words("does", "do"), before(terminals.path, words("have", "contain", "hold"))),
      modifiers,
    ),
    ([first, path, second]) => toQuery([{ measure: "rows" }], combine([first, { source: { from: "path", path } }, second])),
  );
  const grouped = sequence(
    groupingParser(vocabulary),
    modifiers,
    after(sequence(words("and", ", and", "and then", ", then", ", and then", "to", ","), opening), measures),
    modifiers,
  );
  return rule(() =>
    either(
      keep(grouped, ([grouping, between, list, second]) => toQuery(list, combine([grouping, between, second]))),
      keep(plain, ([first, between, list, second]) => toQuery(list, combine([first, between, second]))),
      doesHave,
    ),
  );
}

/** "group penguins.csv by island", before "and count the rows". */
function groupingParser(vocabulary: Vocabulary): Parser<Partial<Modifiers>> {
  const { terminals, columnPhrase } = vocabulary;
  const target = after(terminals.words("group"), optional(targetParser(vocabulary)));
  const by = after(terminals.words("by"), separated(columnPhrase, terminals.listSeparator));
  return map(sequence(target, by), ([source, group]) => ({ source, group }));
}

/** @returns undefined when the question says something twice or orders by what it does not show */
export function toQuery(measures: readonly Measure[], modifiers: Modifiers | undefined): Query | undefined {
  if (modifiers === undefined) return undefined;
  const { source, filter, group, order } = modifiers;
  const resolved = order === null ? null : resolveOrder(order, measures, group);
  if (resolved === undefined) return undefined;
  return { source, filter, group, measures, order: resolved, ranking: null };
}

function resolveOrder({ by, direction }: OrderName, measures: readonly Measure[], group: readonly number[]): Order | undefined {
  const ofGroup = group.filter((column) => by === `column ${column}`).map((column) => ({ column }));
  const ofMeasures = measures.flatMap((measure, index) => (isMeant(by, measure) ? [{ measure: index }] : []));
  const found = by === "value" && measures.length === 1 ? [{ measure: 0 }] : [...ofGroup, ...ofMeasures];
  const [first] = found;
  return first === undefined || found.length > 1 ? undefined : { by: first, direction };
}

function isMeant(by: string, measure: Measure): boolean {
  if (measure.measure === "rows" || measure.measure === "distinct" || measure.measure === "values") return by === "count";
  return by === measure.measure || by === `${measure.measure} ${measure.column}` || by === `column ${measure.column}`;
}

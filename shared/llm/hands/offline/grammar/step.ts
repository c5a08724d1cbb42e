import type { PathSpan } from "../text/paths.ts";
import { findQuoted } from "../text/quotes.ts";
import { arithmeticParser, expressionParser } from "./arithmetic.ts";
import { after, before, either, keep, map, optional, type Parser, readAll, rule, sequence } from "./parser.ts";
import { queryParser } from "./questions.ts";
import { rankingParser } from "./ranking.ts";
import type { Action, Query, Reading } from "./readings.ts";
import { selectionParser } from "./selections.ts";
import { createTerminals, type Terminals } from "./terminals.ts";
import { createVocabulary, type TableContext } from "./vocabulary.ts";
import { writeParser } from "./writing.ts";

export type StepReadings = {
  readonly readings: readonly Reading[];
  /** The part of the text that no reading got past. */
  readonly remainder: string;
};

/**
 * Every reading of a whole step: each word of it must be accounted for.
 * @param text canonical text of the step, without its references to other steps ("using step 1")
 * @param table null while no table is known; then questions about tables have no reading
 */
export function readStep(text: string, paths: readonly PathSpan[], table: TableContext | null): StepReadings {
  if (unquotedLength(text) > LONGEST_TEXT || text.split("(").length > DEEPEST_BRACKETS) return { readings: [], remainder: text };
  const terminals = createTerminals(text, paths);
  const actions = actionsParser(terminals, text, table);
  const whole = before(
    after(leadParser(terminals), actions),
    sequence(optional(terminals.words("please", ", please")), optional(terminals.words(".", "!", "?", ";")), terminals.end),
  );
  const readings = readAll(whole);
  return { readings: withoutBareDoubles(readings), remainder: terminals.remainder() };
}

/** More than this is no step anybody wrote by hand, and reading it in every way would take long. */
const LONGEST_TEXT = 2_000;
const DEEPEST_BRACKETS = 30;

function unquotedLength(text: string): number {
  return findQuoted(text).reduce((length, span) => length - (span.end - span.start), text.length);
}

const LEADS = [
  "first",
  "first of all",
  "firstly",
  "to begin with",
  "then",
  "and then",
  "next",
  "after that",
  "afterwards",
  "afterward",
  "finally",
  "lastly",
  "second",
  "secondly",
  "third",
  "thirdly",
  "fourth",
  "fifth",
  "last",
  "meanwhile",
  "in parallel",
  "at the same time",
  "and",
  "also",
  "in the end",
  "at the end",
  "now",
  "please",
  "subsequently",
];

function leadParser({ words }: Terminals): Parser<unknown> {
  const lead = before(words(...LEADS), optional(words(",", ":")));
  return optional(sequence(lead, optional(lead)));
}

const JOINTS = [
  "and",
  ", and",
  ",",
  "; and",
  ";",
  ".",
  "then",
  ", then",
  "and then",
  ", and then",
  ". then",
  ". then,",
  "; then",
  "and finally",
  ", and finally",
  ". finally",
  ". finally,",
  "and also",
];

function actionsParser(terminals: Terminals, text: string, table: TableContext | null): Parser<Reading> {
  const action = actionParser(terminals, text, table);
  const joint = terminals.words(...JOINTS);
  const more: Parser<Reading> = rule(() =>
    either<Reading>(
      action,
      map(sequence(before(action, joint), more), ([first, rest]) => [...first, ...rest]),
    ),
  );
  return keep(more, (actions) => (isOrderly(actions) ? actions : undefined));
}

/** Several questions in one step must each say per what, and nothing else that could be meant for the others too. */
function isOrderly(actions: Reading): boolean {
  const asking = actions.filter((action) => action.action !== "read" && action.action !== "write");
  return asking.length <= 1 || asking.every((action) => action.action === "query" && isClosed(action.query));
}

function isClosed(query: Query): boolean {
  return query.group.length > 0 && query.filter === null && query.order === null && query.ranking === null;
}

function actionParser(terminals: Terminals, text: string, table: TableContext | null): Parser<Reading> {
  const expression = expressionParser(terminals);
  const one = (parser: Parser<Action>): Parser<Reading> => map(parser, (action) => [action]);
  const read = one(readParser(terminals));
  const arithmetic = one(map(arithmeticParser(terminals, expression), (found) => ({ action: "arithmetic", expression: found })));
  if (table === null) return rule(() => either(read, arithmetic, one(writeParser(terminals, null, expression))));
  const vocabulary = createVocabulary(terminals, text, table);
  const query = queryParser(vocabulary);
  const queries = one(map(query, (found) => ({ action: "query", query: found })));
  const selection = one(map(selectionParser(vocabulary), (found) => ({ action: "select", selection: found })));
  const write = one(writeParser(terminals, query, expression));
  return rule(() => either(read, arithmetic, write, queries, selection, one(rankingParser(vocabulary))));
}

function readParser({ words, path }: Terminals): Parser<Action> {
  const verb = sequence(optional(words("please", "now")), words("read", "read in", "load", "open", "import", "load in"));
  const noun = optional(
    words(
      "the file",
      "file",
      "the csv file",
      "csv file",
      "the csv",
      "the data in",
      "the data from",
      "data from",
      "the contents of",
      "the content of",
      "the dataset",
      "the data file",
      "the table in",
      "the text file",
      "the data of",
      "the dataset in",
      "in",
      "in the file",
      "the text in",
      "the table from",
    ),
  );
  return map(after(sequence(verb, noun), before(path, optional(words("file")))), (name) => ({ action: "read", path: name }));
}

/** A bare column is only of interest where it makes a question about an aggregate ambiguous. */
function withoutBareDoubles(readings: readonly Reading[]): readonly Reading[] {
  if (!readings.some((reading) => reading.some((action) => action.action === "select"))) return readings;
  return readings.filter((reading) => !hasBareColumn(reading));
}

export function hasBareColumn(reading: Reading): boolean {
  return reading.some((action) => {
    if (action.action === "query") return action.query.measures.some((measure) => measure.measure === "bare");
    return (
      action.action === "write" &&
      action.contents.some((content) => content.content === "query" && content.query.measures.some((measure) => measure.measure === "bare"))
    );
  });
}

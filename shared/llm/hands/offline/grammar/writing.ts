import { extensionOf } from "../text/paths.ts";
import { after, either, keep, map, never, optional, type Parser, rule, separated, sequence } from "./parser.ts";
import type { Action, Content, Expression, Query } from "./readings.ts";
import { referenceParser } from "./references.ts";
import type { Terminals } from "./terminals.ts";

const VERBS = ["write", "save", "store", "export", "put", "output", "record", "write down"];
const MAKERS = ["create", "make", "produce", "generate", "build", "compile", "prepare", ...VERBS];

/** A format that is named must be the one that the path names. */
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  "as csv": ["csv"],
  "as json": ["json"],
  "as markdown": ["md", "markdown"],
  "as text": ["txt"],
  "as plain text": ["txt"],
};

type Draft = { readonly report: boolean; readonly contents: readonly Content[] };

/** "write 'hello' to greeting.txt", "save both tables as tables.md", "write a report with the results to report.md". */
export function writeParser(terminals: Terminals, query: Parser<Query> | null, expression: Parser<Expression>): Parser<Action> {
  const { words, path } = terminals;
  const polite = optional(words("please", "also", "now"));
  const target = after(
    sequence(words("to", "into", "in", "as", "under", "at"), fileNoun(terminals), optional(words("called", "named"))),
    path,
  );
  const named = keep(sequence(target, optional(words(...Object.keys(FORMATS)))), ([name, format]) =>
    format === null || FORMATS[format]?.includes(extensionOf(name)) ? name : undefined,
  );
  const content = contentParser(terminals, query, expression);
  const report = reportParser(terminals, content);
  const draft = either<Draft>(
    map(content, (contents) => ({ report: false, contents })),
    report,
  );
  const written = map(sequence(sequence(polite, words(...MAKERS)), draft, named), ([, found, name]) => toAction(name, found));
  const unsaid = map(after(sequence(polite, words(...VERBS)), named), (name) => toAction(name, { report: false, contents: THE_RESULT }));
  const merged = map(
    sequence(
      after(words("combine", "put", "turn", "compile", "collect"), content),
      after(sequence(words("into", "in"), reportNoun(terminals)), target),
    ),
    ([contents, name]) => toAction(name, { report: true, contents }),
  );
  const announced = after(textNoun(terminals), target);
  const toFirst = map(
    sequence(sequence(polite, words(...VERBS)), either(target, announced), after(optional(words(":", ",")), draft)),
    ([, name, found]) => toAction(name, found),
  );
  const file = sequence(polite, words(...MAKERS), fileNoun(terminals), optional(words("called", "named")));
  const holding = words(
    "with",
    "containing",
    "that contains",
    "holding",
    "with the text",
    "with the content",
    "containing the text",
    "with content",
  );
  const made = map(sequence(after(file, path), after(holding, content)), ([name, contents]) => toAction(name, { report: false, contents }));
  const titled = sequence(polite, words(...MAKERS), reportNoun(terminals), optional(words("called", "named", "file")));
  const reported = map(sequence(after(titled, path), optional(after(words(...ABOUT), content))), ([name, contents]) =>
    toAction(name, { report: true, contents: contents ?? EVERYTHING }),
  );
  return rule(() => either(written, unsaid, merged, toFirst, made, reported));
}

const ABOUT = [
  "with",
  "of",
  "about",
  "on",
  "from",
  "containing",
  "including",
  "that contains",
  "that includes",
  "showing",
  "that shows",
  "listing",
  "covering",
  "based on",
  "using",
];

const THE_RESULT: readonly Content[] = [{ content: "results", references: [{ noun: "any", quantity: "one", steps: null }] }];
const EVERYTHING: readonly Content[] = [{ content: "results", references: [{ noun: "any", quantity: "all", steps: null }] }];

function toAction(path: string, { report, contents }: Draft): Action {
  return { action: "write", path, report, contents };
}

function fileNoun({ words }: Terminals): Parser<unknown> {
  return optional(
    sequence(
      optional(words("a", "the", "a new", "new")),
      optional(words("csv", "text", "markdown", "json", "plain text", "output")),
      words("file"),
    ),
  );
}

function reportNoun({ words }: Terminals): Parser<unknown> {
  const adjective = optional(words("short", "brief", "final", "markdown", "full", "complete", "new", "small", "simple"));
  return sequence(optional(words("a", "the", "one")), adjective, words("report", "markdown report"));
}

function reportParser(terminals: Terminals, content: Parser<readonly Content[]>): Parser<Draft> {
  return map(after(reportNoun(terminals), optional(after(terminals.words(...ABOUT), content))), (contents) => ({
    report: true,
    contents: contents ?? EVERYTHING,
  }));
}

const TEXT_NOUNS = [
  "the text",
  "text",
  "the content",
  "the word",
  "the words",
  "the single word",
  "the sentence",
  "the line",
  "the string",
  "the message",
  "the phrase",
  "the following",
  "the following text",
  "the following line",
];

function textNoun({ words }: Terminals): Parser<unknown> {
  return words(...TEXT_NOUNS);
}

/** What goes into a file: text that the step quotes, earlier results, or answers to questions asked on the spot. */
function contentParser(terminals: Terminals, query: Parser<Query> | null, expression: Parser<Expression>): Parser<readonly Content[]> {
  const { words, quoted, listSeparator } = terminals;
  const ofText = optional(textNoun(terminals));
  const text = keep(after(sequence(ofText, optional(words(":"))), quoted), (found): Content | undefined =>
    found === "" ? undefined : { content: "text", text: found },
  );
  const references = map(
    separated(referenceParser(terminals), listSeparator),
    (list): Content => ({ content: "results", references: list }),
  );
  const asked = query === null ? never<Content>() : map(query, (found): Content => ({ content: "query", query: found }));
  const computed = keep(expression, (found): Content | undefined =>
    found.kind === "list" ? { content: "arithmetic", expression: found } : undefined,
  );
  const dynamic = separated(either<Content>(references, asked, computed), listSeparator);
  return rule(() =>
    either<readonly Content[]>(
      map(text, (found) => [found]),
      keep(dynamic, mergeReferences),
    ),
  );
}

/** "the table and the count" is one list of references, however it was read. */
function mergeReferences(contents: readonly Content[]): readonly Content[] | undefined {
  const references = contents.flatMap((content) => (content.content === "results" ? content.references : []));
  if (references.length === 0) return contents;
  const others = contents.filter((content) => content.content !== "results");
  return [{ content: "results", references }, ...others];
}

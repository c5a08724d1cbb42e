import type { Column } from "../grammar/columns.ts";
import type { SourceName } from "../grammar/readings.ts";
import { aggregateNames, aggregateWords } from "../grammar/vocabulary.ts";
import type { FileResult, NumberResult, SingleResult, TableResult } from "../results.ts";
import { findPaths, isTablePath } from "../text/paths.ts";
import { findWritten } from "../text/written-paths.ts";
import type { StepContext, StepInput } from "./step-context.ts";

/** A table that a step may ask about. A file whose header is not known yet has no columns. */
export type Candidate =
  | { readonly kind: "file"; readonly path: string; readonly columns: readonly string[] | null; readonly steps: readonly number[] }
  | { readonly kind: "table"; readonly table: TableResult; readonly steps: readonly number[] };

const PRONOUN = /\b(?:it|its|them|this|that|these|those)\b|\bthe (?:results?|tables?|outputs?|filtered \w+|resulting \w+|selected \w+)\b/iu;

/**
 * The tables a step can mean, the surest kind only: those it names, those of the steps it uses, those of the steps it builds
 * on when it says "it", else what the goal is about. Rows that an earlier step chose stand beside the table they come from
 * wherever both could be meant, so that the question is refused instead of guessed.
 */
export function chooseTables(context: StepContext): readonly Candidate[] {
  const paths = findPaths(context.links.work, context.files);
  const written = findWritten(context.links.work, paths);
  const named = [...new Set(paths.map((span) => span.path))].filter((path) => isTablePath(path));
  const fromText = named.filter((path) => !written.includes(path));
  if (fromText.length > 0) return fromText.flatMap((path) => [fileCandidate(path, context), ...chosenRows(context, path)]);
  const used = context.inputs.filter((input) => context.links.uses.includes(input.step));
  if (used.length > 0) return candidatesOf(used, context);
  const pronoun = PRONOUN.test(context.links.work) ? candidatesOf(context.inputs, context) : [];
  if (pronoun.length > 0) return pronoun;
  if (context.narrowedBy !== null) {
    return candidatesOf(
      context.inputs.filter((input) => input.step === context.narrowedBy),
      context,
    );
  }
  return [...defaultTables(context), ...chosenRows(context, null)];
}

/** Rows that an earlier step chose; `source` limits them to rows of one file. */
function chosenRows(context: StepContext, source: string | null): readonly Candidate[] {
  return candidatesOf(context.inputs, context).filter(
    (candidate) => candidate.kind === "table" && candidate.table.of === "rows" && (source === null || candidate.table.source === source),
  );
}

/**
 * What a step may mean when the surest tables have no such column: the results it was given, or, when it uses unfiltered figures
 * of one file, that file.
 */
export function chooseFallbackTables(context: StepContext): readonly Candidate[] {
  if (context.links.uses.length === 0) return context.narrowedBy === null ? candidatesOf(context.inputs, context) : [];
  const used = context.inputs.filter((input) => context.links.uses.includes(input.step)).flatMap((input) => input.results);
  const sources = used.map((result) => (isWholeFigure(result) ? result.source : null));
  const [source] = sources;
  return source !== undefined && source !== null && sources.every((other) => other === source) ? [fileCandidate(source, context)] : [];
}

function isWholeFigure(result: SingleResult): result is NumberResult | TableResult {
  return (result.kind === "number" || (result.kind === "table" && result.of === "groups")) && result.filter === null;
}

function defaultTables(context: StepContext): readonly Candidate[] {
  if (context.tables.length > 0) return context.tables.map((path) => fileCandidate(path, context));
  const read = candidatesOf(context.inputs, context).filter((candidate) => candidate.kind === "file");
  if (read.length > 0) return read;
  const inWorkspace = context.files.filter(isTablePath);
  return inWorkspace.length === 1 ? inWorkspace.map((path) => fileCandidate(path, context)) : [];
}

function fileCandidate(path: string, context: StepContext): Candidate {
  const read = context.inputs.flatMap((input) => input.results).find((result) => isRead(result) && result.path === path);
  const columns = read !== undefined && isRead(read) ? (read.columns ?? null) : null;
  const holds = (input: StepInput): boolean => input.results.some((result) => result.kind === "file" && result.path === path);
  return { kind: "file", path, columns, steps: context.inputs.filter(holds).map((input) => input.step) };
}

function isRead(result: SingleResult): result is FileResult {
  return result.kind === "file" && result.columns !== undefined;
}

function candidatesOf(inputs: readonly StepInput[], context: StepContext): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const input of inputs) {
    for (const result of input.results) {
      if (result.kind === "number") continue;
      if (result.kind === "table") found.set(`table ${input.step} ${result.title}`, { kind: "table", table: result, steps: [input.step] });
      else if (isTablePath(result.path)) found.set(`file ${result.path}`, fileCandidate(result.path, context));
    }
  }
  return [...found.values()];
}

/** Whether the source that a question names can be this table. */
export function isMeantBy(source: SourceName | null, candidate: Candidate): boolean {
  if (source === null || source.from === "pronoun") return true;
  if (source.from === "path") return (candidate.kind === "file" ? candidate.path : candidate.table.source) === source.path;
  return source.steps.length === 1 && candidate.steps.includes(source.steps[0] ?? 0);
}

/** Other sure names of the columns of a computed table: "average body_mass_g" and "mean" for "mean body_mass_g". */
export function describeColumns(candidate: Candidate, columns: readonly string[]): readonly Column[] {
  if (candidate.kind === "file") return columns.map((name) => ({ name, aliases: [] }));
  const kinds = columns.map(kindOfMeasure);
  return columns.map((name, index) => {
    const kind = kinds[index];
    if (kind === undefined || kind === null) return { name, aliases: [] };
    const isOnly = kinds.filter((other) => other?.words === kind.words).length === 1;
    return {
      name,
      aliases: kind.words.flatMap((word) => [
        ...(kind.of === "" ? [] : [`${word} ${kind.of}`, `${word} of ${kind.of}`]),
        ...(isOnly ? [word] : []),
      ]),
    };
  });
}

const COUNT_WORDS = ["count", "counts", "number of rows", "row count", "rows", "total"];

function kindOfMeasure(name: string): { readonly words: readonly string[]; readonly of: string } | null {
  if (name === "count") return { words: COUNT_WORDS, of: "" };
  const aggregate = aggregateNames.find((known) => name.startsWith(`${known} `));
  return aggregate === undefined ? null : { words: aggregateWords(aggregate), of: name.slice(aggregate.length + 1) };
}

import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import { parseSync, type TemplateLiteral, Visitor } from "oxc-parser";

/** Statements stand in these files only (`tests/architecture/walls.ts`). */
export const STATEMENT_FILE = /[/\\]shared[/\\](?:[\w-]+[/\\])+sql(?:[/\\][\w-]+)*\.ts$/;

/** White space is for people: a function loads its statements at its start, and carries none of it. */
export const collapsedStatements: Plugin = {
  name: "collapsed-statements",
  setup(build) {
    build.onLoad({ filter: STATEMENT_FILE }, async ({ path }) => ({
      contents: collapseStatements(await readFile(path, "utf8")),
      loader: "ts",
    }));
  },
};

type Span = { readonly start: number; readonly end: number };
type Change = Span & { readonly text: string };

/** The source of a module, with no more white space in its SQL template literals than SQL needs. What is not surely SQL stays as it is. */
export function collapseStatements(source: string): string {
  const changes: Change[] = [];
  const kept: Span[] = [];
  const literals: TemplateLiteral[] = [];
  const visitor = new Visitor({
    TaggedTemplateExpression: (node) => void kept.push(node),
    TemplateLiteral: (node) => void literals.push(node),
  });
  const { program, errors } = parseSync("statements.ts", source);
  if (errors.length > 0) throw new Error(`No syntax tree: ${errors.map(({ message }) => message).join("; ")}`);
  visitor.visit(program);
  // From without to within: what stands in a literal that stays as it is stays as well.
  for (const literal of literals) {
    if (kept.some(({ start, end }) => start <= literal.start && literal.end <= end)) continue;
    const collapsed = collapseStatement(literal.quasis.map(({ value }) => value.raw));
    if (collapsed === undefined) {
      kept.push(literal);
      continue;
    }
    kept.push(...literal.expressions.filter((_, index) => collapsed.quoted.has(index)));
    changes.push(
      ...literal.quasis.map(({ start, value }, index) => ({
        start: start + 1,
        end: start + 1 + value.raw.length,
        text: collapsed.texts[index] ?? value.raw,
      })),
    );
  }
  return applyChanges(source, changes);
}

function applyChanges(source: string, changes: readonly Change[]): string {
  const ordered = changes.toSorted((a, b) => a.start - b.start);
  const pieces = ordered.map(({ start, text }, index) => source.slice(ordered[index - 1]?.end ?? 0, start) + text);
  return pieces.join("") + source.slice(ordered.at(-1)?.end ?? 0);
}

/** Stands for an expression of the template. */
const HOLE = "\0";

/** How a statement, or a part of one, begins; an expression may stand before it. */
const OPENING =
  /^\s*(?:\0\s*)?(?:SELECT|WITH|INSERT INTO|UPDATE|DELETE FROM|FROM|JOIN|LEFT JOIN|WHERE|AND|ORDER BY|GROUP BY|RETURNING|CASE|LIMIT)\b/;

/** What a reader of SQL takes for something else than it looks like: escapes, `$$`, comments between stars, a string in two lines. */
const UNCERTAIN = /\\|\$\w*\$|\/\*|'\s*\n\s*'/;

/**
 * Strings and quoted names; comments and white space; what needs no white space around it; anything else. In this order. An equals sign
 * needs some where it would become another operator with what follows, which may be an expression.
 */
const TOKEN = /('[^']*'|"[^"]*")|(--[^\n]*\n|\s+)|([(),]|=(?=\s*[\w$'"(]))|(?:[^'"\s(),-]|-(?!-))+/gy;

type Token = { readonly text: string; readonly kind: "quotation" | "gap" | "mark" | "rest" };

/** The parts of a statement between its expressions, and which expressions stand in a string; undefined where one cannot be sure. */
function collapseStatement(parts: readonly string[]): { texts: string[]; quoted: Set<number> } | undefined {
  const text = parts.join(HOLE);
  if (!OPENING.test(text) || UNCERTAIN.test(text)) return undefined;
  const tokens = readTokens(text);
  if (tokens === undefined) return undefined;
  const quoted = tokens.flatMap(({ text: token, kind }) => Array.from({ length: countHoles(token) }, () => kind === "quotation"));
  return { texts: joinTokens(tokens).split(HOLE), quoted: new Set(quoted.flatMap((isQuoted, hole) => (isQuoted ? [hole] : []))) };
}

/** Undefined at a quote that stays open, and at a comment that does not end in this text, or not before an expression. */
function readTokens(text: string): Token[] | undefined {
  const tokens = [...text.matchAll(TOKEN)].map(([token, quotation, gap, mark]): Token => {
    if (quotation !== undefined) return { text: token, kind: "quotation" };
    if (gap !== undefined) return { text: token, kind: "gap" };
    return { text: token, kind: mark === undefined ? "rest" : "mark" };
  });
  const isWhole = tokens.reduce((sum, token) => sum + token.text.length, 0) === text.length;
  return isWhole && !tokens.some((token) => token.kind === "gap" && countHoles(token.text) > 0) ? tokens : undefined;
}

/** One space for each gap, and none beside a mark. */
function joinTokens(tokens: readonly Token[]): string {
  const isMark = (index: number) => tokens[index]?.kind === "mark";
  const isGap = (index: number) => tokens[index]?.kind === "gap";
  return tokens
    .map(({ text, kind }, index) => {
      if (kind !== "gap") return text;
      const after = tokens.findIndex((_, at) => at > index && !isGap(at));
      return isGap(index - 1) || isMark(index - 1) || isMark(after) ? "" : " ";
    })
    .join("");
}

function countHoles(text: string): number {
  return text.split(HOLE).length - 1;
}

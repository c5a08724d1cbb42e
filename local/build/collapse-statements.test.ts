import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { listColumns } from "../../shared/orchestration/domain/list-columns.ts";
import { BOARD_SECTIONS, type Section } from "../../shared/orchestration/sql/board-sections.ts";
import { RARE_SECTIONS } from "../../shared/orchestration/sql/rare-sections.ts";
import { listRepositoryFiles } from "../../tests/architecture/source-file.ts";
import { functionOptions } from "./bundle-function.ts";
import { collapseStatements, STATEMENT_FILE } from "./collapse-statements.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Source of a template literal, whose own backticks and expressions this file could not hold otherwise. */
const literal = (text: string) => `export const é = \`${text}\`;\n`;
const collapsed = (text: string) => collapseStatements(literal(text)).slice("export const é = `".length, -"`;\n".length);

describe("a statement in a bundle", () => {
  test.each([
    ["is one line", "\n  SELECT a\n    FROM b\n", " SELECT a FROM b "],
    ["has no space that no reader needs", "SELECT f( a , b ), ( 1 )  FROM ( SELECT 1 )", "SELECT f(a,b),(1)FROM(SELECT 1)"],
    ["keeps what its operators need", "SELECT a = -1, b - -1, 2 * - $1, a = ${x}", "SELECT a = -1,b - -1,2 * - $1,a = ${x}"],
    ["and no more", "SELECT a = $1, b  = 'x', c = (d), e >= f, g <> ALL ($2)", "SELECT a=$1,b='x',c=(d),e >= f,g <> ALL($2)"],
    ["keeps strings and quoted names", `SELECT 'it''s  ( a )\n  , b' AS "a  ( b"  ,  c`, `SELECT 'it''s  ( a )\n  , b' AS "a  ( b",c`],
    ["keeps a quote of the other kind in its string", `SELECT '"  (',  "'  ("  , a`, `SELECT '"  (',"'  (",a`],
    ["keeps expressions, and templates in them", "SELECT ${ f( a , `x  ( ` ) }  ,\n  b", "SELECT ${ f( a , `x  ( ` ) },b"],
    ["keeps a string that an expression stands in", "SELECT 'a  ${ x }  ( b',  c", "SELECT 'a  ${ x }  ( b',c"],
    ["has statements within it collapsed", "SELECT ${x ? `SELECT  ( 1 )` : y}  , b", "SELECT ${x ? `SELECT(1)` : y},b"],
    ["keeps a statement that stands in its string", "SELECT '${x ? `SELECT  ( 1 )` : y}'", "SELECT '${x ? `SELECT  ( 1 )` : y}'"],
    [
      "keeps a space between an expression and a word",
      "SELECT ${a}\n  FROM b WHERE ${c}\n AND ${d}",
      "SELECT ${a} FROM b WHERE ${c} AND ${d}",
    ],
    ["is told by the word after an expression too", "${first} WHERE  a\n  AND b", "${first} WHERE a AND b"],
    ["loses its comments", "SELECT a  -- who  ( 'needs'\n  , b -- and\n FROM c", "SELECT a,b FROM c"],
  ])("%s", (_, text, expected) => {
    expect(collapsed(text)).toBe(expected);
  });

  test.each([
    ["that is no statement", "There is\n  no such  ( thing )"],
    ["that begins with a word like one", "SELECTED\n  by  ( hand )"],
    ["that escapes anything", "SELECT E'a\\\\'  (',  b"],
    ["with a string between dollars", "SELECT $$ a  ( $$, $body$  b  $body$"],
    ["with a comment between stars", "SELECT /* it's  ( */ a,  b"],
    ["with a comment that an expression ends", "SELECT a  -- why ${x}\n  , b"],
    ["with a comment that its end ends", "SELECT a  , b -- why"],
    ["with a string that does not end", "SELECT 'a  ,  b"],
  ])("%s is left as it is", (_, text) => {
    expect(collapsed(text)).toBe(text);
  });

  test("that a function of its own makes is left as it is", () => {
    const tagged = "export const q = sql`SELECT  ( 1 )`;";
    expect(collapseStatements(tagged)).toBe(tagged);
  });

  test("is told in files that hold statements only", () => {
    const files = ["a/shared/x/sql.ts", "a/shared/x/sql/y.ts", "a/shared/x/y.ts", "a/node_modules/x/sql/y.ts", "a/shared/x/sql/y.test.ts"];
    expect(files.filter((file) => STATEMENT_FILE.test(file))).toEqual(["a/shared/x/sql.ts", "a/shared/x/sql/y.ts"]);
  });

  test("is what functions are bundled with", async () => {
    const contents = 'export { findBudget as handler } from "./shared/orchestration/budgets/sql.ts";';
    const stdin = { contents, resolveDir: root, loader: "ts" } as const;
    const { outputFiles } = await build({ ...functionOptions, absWorkingDir: root, stdin, outdir: "dist/planted", write: false });
    const text = outputFiles.map((file) => file.text).join("");
    expect(text).toMatch(/SELECT [\s\S]*FROM budgets/);
    expect(text).not.toMatch(/SELECT [^`]*\n/);
  });
});

const Sections = z.array(z.custom<Section>());

test("a section of the apply statement names the same columns in a bundle", async () => {
  const contents = `export { listColumns } from "./shared/orchestration/domain/list-columns.ts";
    export { BOARD_SECTIONS } from "./shared/orchestration/sql/board-sections.ts";
    export { RARE_SECTIONS } from "./shared/orchestration/sql/rare-sections.ts";`;
  const stdin = { contents, resolveDir: root, loader: "ts" } as const;
  const options = { ...functionOptions, absWorkingDir: root, stdin, outdir: "dist/planted", write: false, splitting: false } as const;
  const { outputFiles } = await build(options);
  const text = outputFiles[0]?.text.replaceAll("import.meta.url", '"file:///"') ?? "";
  const Bundled = z.object({ listColumns: z.custom<typeof listColumns>(), BOARD_SECTIONS: Sections, RARE_SECTIONS: Sections });
  const found = Bundled.parse({ ...(await import(`data:text/javascript,${encodeURIComponent(text)}`)) });

  const own = [...BOARD_SECTIONS, ...RARE_SECTIONS].map((section) => [section.name, listColumns(section.sql)]);
  const there = [...found.BOARD_SECTIONS, ...found.RARE_SECTIONS].map((section) => [section.name, found.listColumns(section.sql)]);
  expect(there).toEqual(own);
  expect(own.length).toBeGreaterThan(20);
});

/** Without comments, and without any white space: what may not change. */
const essence = (source: string) => source.replaceAll(/--[^\n]*\n/g, "").replaceAll(/\s/g, "");

test("the product's statements lose white space and comments, nothing else, and those of several lines lose some", async () => {
  const files = listRepositoryFiles().filter((file) => STATEMENT_FILE.test(`/${file}`));
  const sources = await Promise.all(files.map((file) => readFile(path.join(root, file), "utf8")));
  const found = files.map((file, index) => ({ file, source: sources[index] ?? "", short: collapseStatements(sources[index] ?? "") }));

  expect(files.length).toBeGreaterThan(30);
  expect(found.filter(({ source, short }) => essence(short) !== essence(source)).map(({ file }) => file)).toEqual([]);
  const isLong = ({ source }: { source: string }) => /`\s*SELECT[^`]*\n/.test(source);
  expect(found.filter((one) => isLong(one) && one.short.length >= one.source.length).map(({ file }) => file)).toEqual([]);
});

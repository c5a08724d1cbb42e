import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runProgram } from "../../../../../tests/offline/run-program.ts";
import type { JsonValue } from "../../../../platform/json.ts";
import { ARITHMETIC_PROGRAM, TABLE_PROGRAM } from "./compose-program.ts";

const ask = (csv: string, question: Record<string, JsonValue>): JsonValue =>
  runProgram(TABLE_PROGRAM, { source: { path: "a.csv" }, filter: null, ...question }, { "a.csv": csv });

const rowsOf = (csv: string, columns: string[]): JsonValue =>
  ask(csv, { columns, job: { kind: "select", columns: null, distinct: false, order: null, ranking: null, unique: null } });

const aggregate = (csv: string, columns: string[], measures: JsonValue[], group: number[] = []): JsonValue =>
  ask(csv, { columns, job: { kind: "aggregate", group, measures, order: null, ranking: null } });

describe("CSV in the sandbox", () => {
  it("is read like any strict reader reads it", () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "é", '"', ",", "\n", "\r\n", " ", "1"), maxLength: 6 }),
      fc.string({ maxLength: 5 }),
    );
    const tables = fc
      .integer({ min: 2, max: 4 })
      .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));
    const escape = (text: string): string => (/[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    fc.assert(
      fc.property(tables, fc.constantFrom("\n", "\r\n"), fc.boolean(), (table, end, bom) => {
        const csv = (bom ? "\uFEFF" : "") + table.map((row) => row.map(escape).join(",")).join(end) + end;
        const [header = [], ...expected] = parse(csv, { bom: true }) as string[][];
        expect(rowsOf(csv, header)).toMatchObject({ rows: expected });
      }),
    );
  });

  it.each([
    [
      "a,b\n1,2\n\n3,4\n\n",
      [
        ["1", "2"],
        ["3", "4"],
      ],
    ],
    ["a,b\r\n1,2", [["1", "2"]]],
    ["a,b\n", []],
    [
      "a,b\n1,\n,\n",
      [
        ["1", ""],
        ["", ""],
      ],
    ],
    ["\uFEFFa,b\n1,2\n", [["1", "2"]]],
  ])("%j", (csv, rows) => {
    expect(rowsOf(csv, ["a", "b"])).toMatchObject({ rows });
  });

  it.each([
    ['a,b\n"1,2\n', /never closed/u],
    ['a,b\n"1"x,2\n', /follows a closing quote in line 2/u],
    ['a,b\n5",2\n', /inside an unquoted cell in line 2/u],
    ["a,b\n1,2,3\n", /line 2 has 3 cells, the header has 2/u],
    ["a\n1\n\n2\n", /line 3 is blank/u],
    ["", /is empty/u],
  ])("%j is refused", (csv, reason) => {
    expect(ask(csv, { job: { kind: "inspect" } })).toEqual({ refused: expect.stringMatching(reason) });
  });
});

describe("figures", () => {
  const column = (numbers: readonly (number | string)[]): string => `k,x\n${numbers.map((number) => `g,${number}`).join("\n")}\n`;
  const one = (name: string, numbers: readonly (number | string)[]): JsonValue =>
    aggregate(column(numbers), ["k", "x"], [{ measure: name, column: 1 }]);

  it("are rounded once: what a plain sum of doubles gets wrong is right", () => {
    expect(one("sum", ["0.1", "0.2"])).toMatchObject({ rows: [[0.3]] });
    expect(one("mean", ["0.1", "0.2", "0.3"])).toMatchObject({ rows: [[0.2]] });
    expect(one("sum", ["1e16", "1", "-1e16"])).toMatchObject({ rows: [[1]] });
  });

  it("are those of plain arithmetic, up to its own error", () => {
    const numbers = fc.array(
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((number) => Number(number.toFixed(9))),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(numbers, (list) => {
        const sorted = [...list].sort((a, b) => a - b);
        const middle = (sorted[Math.floor((list.length - 1) / 2)] ?? 0) / 2 + (sorted[Math.floor(list.length / 2)] ?? 0) / 2;
        const sum = list.reduce((total, number) => total + number, 0);
        const measures = ["sum", "mean", "median", "min", "max"].map((measure) => ({ measure, column: 1 }));
        const found = aggregate(column(list), ["k", "x"], measures) as { rows: number[][] };
        const expected = [sum, sum / list.length, middle, Math.min(...list), Math.max(...list)];
        const size = list.reduce((total, number) => total + Math.abs(number), 1);
        for (const [index, value] of expected.entries())
          expect(Math.abs((found.rows[0]?.[index] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-12 * size);
      }),
    );
  });

  it.each([
    ["n/a", /data row 2.*not a number/u],
    ["1,5", /cells/u],
    ["0x10", /not a number/u],
    ["Infinity", /not a number/u],
    ["1e999", /out of range/u],
    ["9007199254740993", /more digits than a result can carry/u],
  ])("refuse the cell %s", (cell, reason) => {
    expect(one("sum", ["1", cell])).toEqual({ refused: expect.stringMatching(reason) });
  });

  it("leave out empty cells, and count them per column and group", () => {
    expect(aggregate("k,x\na,1\na,\nb,\n,5\n", ["k", "x"], [{ measure: "mean", column: 1 }], [0])).toEqual({
      rows: [
        ["a", 1],
        ["b", null],
      ],
      total: 2,
      matched: 4,
      left_out: [
        ["k", 1],
        ["x", 2],
      ],
      left_out_of_filter: [],
      left_out_per_group: [
        { group: ["a"], column: "x", cells: 1 },
        { group: ["b"], column: "x", cells: 1 },
      ],
    });
  });

  it("do not sum what is not there", () => {
    expect(aggregate("k,x\nb,\n", ["k", "x"], [{ measure: "sum", column: 1 }], [0])).toEqual({
      refused: expect.stringMatching(/no number to sum/u),
    });
  });

  it("group by text, and refuse one number in two spellings", () => {
    expect(aggregate("k,x\n10,1\n9,1\n__proto__,1\n", ["k", "x"], [{ measure: "rows" }], [0])).toMatchObject({
      rows: [
        ["10", 1],
        ["9", 1],
        ["__proto__", 1],
      ],
    });
    expect(aggregate("k,x\n10,1\n9,1\n", ["k", "x"], [{ measure: "rows" }], [0])).toMatchObject({
      rows: [
        ["9", 1],
        ["10", 1],
      ],
    });
    expect(aggregate("k,x\n1,1\n1.0,1\n", ["k", "x"], [{ measure: "rows" }], [0])).toEqual({
      refused: expect.stringMatching(/one number/u),
    });
  });

  it("have an end: a result of too many rows is refused", () => {
    const csv = `k,x\n${Array.from({ length: 9_000 }, (_, index) => `some long key ${index},1`).join("\n")}\n`;
    expect(aggregate(csv, ["k", "x"], [{ measure: "rows" }], [0])).toEqual({ refused: expect.stringMatching(/9000 rows/u) });
  });
});

describe("arithmetic in the sandbox", () => {
  type Tree = { [key: string]: JsonValue };
  const number = (value: number): Tree => ({ kind: "number", text: String(value) });
  const binary = (operator: string, left: Tree, right: Tree): Tree => ({ kind: "binary", operator, left, right });

  it("is exact where doubles are not", () => {
    expect(runProgram(ARITHMETIC_PROGRAM, binary("+", number(0.1), number(0.2)))).toEqual({ value: 0.3, digits: "0.3" });
    expect(runProgram(ARITHMETIC_PROGRAM, binary("^", number(2), number(64)))).toEqual({ value: 2 ** 64, digits: "18446744073709551616" });
    expect(runProgram(ARITHMETIC_PROGRAM, binary("/", number(10), number(3)))).toEqual({ value: 10 / 3, digits: null });
  });

  it("agrees with JavaScript on whole numbers", () => {
    const leaf = fc.integer({ min: 0, max: 50 }).map((value) => ({ tree: number(value), value }));
    const operators = { "+": (a: number, b: number) => a + b, "-": (a: number, b: number) => a - b, "*": (a: number, b: number) => a * b };
    const { tree } = fc.letrec<{ tree: { tree: Tree; value: number } }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.tuple(fc.constantFrom("+" as const, "-" as const, "*" as const), tie("tree"), tie("tree")).map(([operator, left, right]) => ({
          tree: binary(operator, left.tree, right.tree),
          value: operators[operator](left.value, right.value),
        })),
      ),
    }));
    fc.assert(
      fc.property(tree, (made) => {
        fc.pre(Number.isSafeInteger(made.value));
        // JavaScript knows a zero below zero, which exact fractions do not: adding zero makes it the one they know.
        expect(runProgram(ARITHMETIC_PROGRAM, made.tree)).toEqual({ value: made.value + 0, digits: String(made.value) });
      }),
    );
  });

  it.each([
    [binary("/", number(5), number(0)), /divides by zero/u],
    [binary("%", { kind: "negative", of: number(7) }, number(3)), /several ways/u],
    [binary("^", number(2), number(0.5)), /whole exponents/u],
    [binary("^", number(0), number(0)), /no value/u],
    [binary("^", number(9), number(1000)), /.*/u],
    [binary("^", binary("^", number(99), number(999)), number(999)), /too large/u],
  ])("refuses %j, or carries its digits", (tree, reason) => {
    const answer = JSON.stringify(runProgram(ARITHMETIC_PROGRAM, tree));
    expect(answer).toMatch(/refused/u);
    expect(answer).toMatch(reason);
  });
});

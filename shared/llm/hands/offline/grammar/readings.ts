/** What a step may mean, once read. Columns are indexes into the header, so that two columns of one name stay apart. */

export type Literal = { readonly text: string; readonly quoted: boolean; readonly numeric: boolean };

export type Test =
  | { readonly test: "equals" | "differs"; readonly values: readonly Literal[] }
  | { readonly test: "less" | "at-most" | "more" | "at-least"; readonly bound: string }
  | { readonly test: "between"; readonly low: string; readonly high: string }
  | { readonly test: "contains" | "lacks" | "starts" | "ends"; readonly value: Literal }
  | { readonly test: "empty" | "filled" };

/** One column and tests on it that hold all together, or any of them. */
export type Condition = { readonly column: number; readonly join: "all" | "any"; readonly tests: readonly Test[] };
export type Filter = { readonly join: "all" | "any"; readonly conditions: readonly Condition[] };

export type Aggregate = "mean" | "sum" | "min" | "max" | "median";

export type Measure =
  | { readonly measure: "rows" }
  | { readonly measure: "values" | "distinct" | Aggregate; readonly column: number }
  /** A column named without saying what to compute: never carried out, it only makes an ambiguity visible. */
  | { readonly measure: "bare"; readonly column: number };

/** What a question is asked of: a file, results of steps, or whatever the step is about. */
export type SourceName =
  | { readonly from: "path"; readonly path: string }
  | { readonly from: "steps"; readonly steps: readonly number[] }
  | { readonly from: "pronoun" };

export type Direction = "ascending" | "descending";

/** Keep the `count` best rows, or with null all that share the best value. */
export type Ranking = { readonly direction: Direction; readonly count: number | null };

export type Order = { readonly by: { readonly column: number } | { readonly measure: number }; readonly direction: Direction };

export type Query = {
  readonly source: SourceName | null;
  readonly filter: Filter | null;
  readonly group: readonly number[];
  readonly measures: readonly Measure[];
  readonly order: Order | null;
  readonly ranking: Ranking | null;
};

export type Selection = {
  readonly source: SourceName | null;
  readonly filter: Filter | null;
  /** Null: all columns. */
  readonly columns: readonly number[] | null;
  readonly distinct: boolean;
  readonly order: Order | null;
  readonly ranking: Ranking | null;
  /** The column by which rows are ranked must not repeat a value of this column, or the question could mean a total. */
  readonly unique: number | null;
};

export type Operator = "+" | "-" | "*" | "/" | "%" | "^";
export type Expression =
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "result"; readonly reference: Reference }
  | { readonly kind: "negative"; readonly of: Expression }
  | { readonly kind: "binary"; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "list"; readonly aggregate: Aggregate | "product"; readonly items: readonly Expression[] }
  /** A list of all the numbers that a reference stands for. */
  | { readonly kind: "results"; readonly aggregate: Aggregate | "product"; readonly reference: Reference };

/** Earlier results that a step speaks of. */
export type Reference = {
  readonly noun: "any" | "table" | "number" | "file" | Aggregate | "count";
  readonly quantity: "one" | "two" | "all";
  /** Null: whatever the step builds on. */
  readonly steps: readonly number[] | null;
};

export type Content =
  | { readonly content: "text"; readonly text: string }
  | { readonly content: "results"; readonly references: readonly Reference[] }
  | { readonly content: "query"; readonly query: Query }
  | { readonly content: "arithmetic"; readonly expression: Expression };

export type Action =
  | { readonly action: "read"; readonly path: string }
  | { readonly action: "arithmetic"; readonly expression: Expression }
  | { readonly action: "query"; readonly query: Query }
  | { readonly action: "select"; readonly selection: Selection }
  | { readonly action: "write"; readonly path: string; readonly report: boolean; readonly contents: readonly Content[] };

export type Reading = readonly Action[];

/** What a generated question asks, as data: the phrase and the oracle's answer are both made from it, apart. */
export type Aggregate = "mean" | "sum" | "min" | "max" | "median";

export type Measure =
  | { readonly kind: Aggregate; readonly column: string }
  | { readonly kind: "rows" }
  | { readonly kind: "distinct"; readonly column: string };

export type Test =
  | { readonly column: string; readonly op: "is" | "is-not"; readonly value: string }
  | { readonly column: string; readonly op: "<" | "<=" | ">" | ">="; readonly bound: number }
  | { readonly column: string; readonly op: "between"; readonly low: number; readonly high: number }
  | { readonly column: string; readonly op: "one-of"; readonly values: readonly string[] }
  | { readonly column: string; readonly op: "contains"; readonly value: string }
  | { readonly column: string; readonly op: "filled" };

export type Filter = { readonly join: "and" | "or"; readonly tests: readonly Test[] };

export type Question = { readonly measures: readonly Measure[]; readonly group: readonly string[]; readonly filter: Filter | null };

import type { Condition, Filter, Literal, Measure, Query, Selection, Test } from "../grammar/readings.ts";

/** The column of a result that holds a measure. */
export function nameMeasure(measure: Measure, columns: readonly string[]): string {
  if (measure.measure === "rows") return "count";
  const column = columns[measure.column] ?? "";
  if (measure.measure === "bare") return `the column ${column} alone`;
  return measure.measure === "values" ? `values of ${column}` : `${measure.measure} ${column}`;
}

/** What a query computes, in the same words however it was asked. */
export function describeQuery(query: Query, columns: readonly string[]): string {
  const measures = query.measures.map((measure) => nameMeasure(measure, columns));
  const name = (column: number): string => columns[column] ?? "";
  const base = [
    joinWords(measures),
    query.group.length === 0 ? "" : `per ${joinWords(query.group.map(name))}`,
    describeWhere(query.filter, columns),
  ];
  const phrase = base.filter((part) => part !== "").join(" ");
  if (query.ranking === null) return phrase;
  const extreme = query.ranking.direction === "descending" ? "highest" : "lowest";
  const count = query.ranking.count === null ? "" : `${query.ranking.count} `;
  return `${count}${joinWords(query.group.map(name))} with the ${extreme} ${joinWords(measures)} ${describeWhere(query.filter, columns)}`.trim();
}

export function describeSelection(selection: Selection, columns: readonly string[]): string {
  const name = (column: number): string => columns[column] ?? "";
  const shown = selection.columns === null ? "rows" : joinWords(selection.columns.map(name));
  const what = selection.distinct ? `distinct ${shown}` : shown;
  const where = describeWhere(selection.filter, columns);
  const by = selection.order !== null && "column" in selection.order.by ? name(selection.order.by.column) : "";
  if (selection.ranking !== null) {
    const extreme = selection.ranking.direction === "descending" ? "highest" : "lowest";
    const subject = selection.unique === null ? "rows" : name(selection.unique);
    return `${selection.ranking.count === null ? "" : `${selection.ranking.count} `}${subject} with the ${extreme} ${by} ${where}`.trim();
  }
  return `${what} ${where} ${by === "" ? "" : `by ${by}, ${selection.order?.direction ?? "ascending"}`}`.replace(/\s+/gu, " ").trim();
}

/** "where island = Biscoe and body_mass_g > 4000"; empty without a filter. */
export function describeWhere(filter: Filter | null, columns: readonly string[]): string {
  if (filter === null) return "";
  const joint = filter.join === "all" ? " and " : " or ";
  return `where ${filter.conditions.map((condition) => describeCondition(condition, columns)).join(joint)}`;
}

function describeCondition(condition: Condition, columns: readonly string[]): string {
  const name = columns[condition.column] ?? "";
  return condition.tests.map((test) => `${name} ${describeTest(test)}`).join(condition.join === "all" ? " and " : " or ");
}

const SIGNS = { less: "<", "at-most": "<=", more: ">", "at-least": ">=" } as const;
const VERBS = { contains: "contains", lacks: "does not contain", starts: "starts with", ends: "ends with" } as const;

function describeTest(test: Test): string {
  switch (test.test) {
    case "equals":
      return `= ${describeValues(test.values)}`;
    case "differs":
      return `!= ${describeValues(test.values)}`;
    case "between":
      return `between ${test.low} and ${test.high}`;
    case "empty":
      return "is empty";
    case "filled":
      return "is not empty";
    case "contains":
    case "lacks":
    case "starts":
    case "ends":
      return `${VERBS[test.test]} ${describeValues([test.value])}`;
    default:
      return `${SIGNS[test.test]} ${test.bound}`;
  }
}

function describeValues(values: readonly Literal[]): string {
  return values.map((value) => (value.quoted ? `"${value.text}"` : value.text)).join(" or ");
}

export function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

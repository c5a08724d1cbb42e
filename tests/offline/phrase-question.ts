import type { Filter, Measure, Question, Test } from "./questions.ts";
import type { Random } from "./random.ts";

const WORDS = {
  mean: ["mean", "average", "avg", "mean value of", "average of"],
  sum: ["sum of", "total", "sum of the", "total of"],
  min: ["minimum", "min", "lowest", "smallest"],
  max: ["maximum", "max", "highest", "largest", "maximum of"],
  median: ["median", "median of"],
} as const;

/** A sentence without its final sign; `source` is the file to name, or null when the step says it otherwise. */
export function phraseQuestion(question: Question, source: string | null, random: Random): string {
  const asked = phraseMeasures(question.measures, random);
  const per = question.group.length === 0 ? "" : phraseGroup(question.group, random);
  const where = question.filter === null ? "" : phraseFilter(question.filter, random);
  const place = source === null ? "" : `${random.pick(["in", "from", "of", "in the file"])} ${source}`;
  const join = (parts: readonly string[]): string => parts.filter((part) => part !== "").join(" ");
  if (per !== "" && random.chance(0.12)) return `${per}, ${join([asked, place, where])}`;
  if (place !== "" && random.chance(0.12)) return `in ${source}, ${join([asked, per, where])}`;
  const orders = [
    [place, per, where],
    [per, place, where],
    [per, where, place],
    [place, where, per],
    [where, per, place],
  ];
  return join([asked, ...random.pick(orders)]);
}

const OPENINGS = ["compute", "calculate", "find", "what is", "determine", "give me", "work out", "show", "report", "please compute"];

/** What is asked, with the words that ask for it. */
function phraseMeasures(measures: readonly Measure[], random: Random): string {
  const [first, second] = measures;
  if (first === undefined) throw new Error("a question has a measure");
  const opening = random.pick(OPENINGS);
  if (first.kind === "rows") {
    const rows = random.pick(["rows", "rows", "records", "entries"]);
    return random.pick([
      `count the ${rows}`,
      `count ${rows}`,
      `how many ${rows} are there`,
      `${opening} the number of ${rows}`,
      `${opening} the count of ${rows}`,
    ]);
  }
  const column = phraseColumn(first.column, random);
  if (first.kind === "distinct") {
    const different = random.pick(["distinct", "different", "unique"]);
    return random.pick([
      `count the ${different} ${column}`,
      `how many ${different} ${column} are there`,
      `${opening} the number of ${different} ${column}`,
      `${opening} the number of ${different} values of ${column}`,
    ]);
  }
  const named = random.pick(WORDS[first.kind]);
  if (second === undefined || second.kind === "rows" || second.kind === "distinct") return `${opening} the ${named} ${column}`;
  if (first.column === second.column) return `${opening} the ${word(first.kind)} and ${word(second.kind)} of ${column}`;
  const other = phraseColumn(second.column, random);
  return random.chance(0.3)
    ? `${opening} the ${word(first.kind)} ${column} and the ${word(second.kind)} ${other}`
    : `${opening} the ${named} ${column} and ${other}`;
}

function word(kind: "mean" | "sum" | "min" | "max" | "median"): string {
  return { mean: "mean", sum: "sum", min: "minimum", max: "maximum", median: "median" }[kind];
}

function phraseGroup(group: readonly string[], random: Random): string {
  return `${random.pick(["per", "by", "for each", "for every", "grouped by", "per"])} ${group.map((column) => phraseColumn(column, random)).join(random.pick([" and ", ", "]))}`;
}

export function phraseFilter({ join, tests }: Filter, random: Random): string {
  return `${random.pick(["where", "where", "for rows where", "for the rows where"])} ${tests.map((test) => phraseTest(test, random)).join(` ${join} `)}`;
}

const COMPARISONS = {
  "<": ["<", "is less than", "is below", "< "],
  "<=": ["<=", "is at most", "is no more than"],
  ">": [">", "is greater than", "is above", "is more than", "exceeds"],
  ">=": [">=", "is at least", "is greater than or equal to"],
} as const;

function phraseTest(test: Test, random: Random): string {
  const column = phraseColumn(test.column, random);
  switch (test.op) {
    case "is":
      return `${column} ${random.pick(["is", "=", "equals", "is equal to"])} ${phraseValue(test.value, random)}`;
    case "is-not":
      return `${column} ${random.pick(["is not", "!=", "does not equal"])} ${phraseValue(test.value, random)}`;
    case "one-of":
      return `${column} is ${random.pick(["one of", "either"])} ${test.values.map((value) => phraseValue(value, random)).join(" or ")}`;
    case "contains":
      return `${column} contains ${quote(test.value)}`;
    case "filled":
      return `${column} is not empty`;
    case "between":
      return `${column} is between ${test.low} and ${test.high}`;
    default:
      return `${column} ${random.pick(COMPARISONS[test.op])} ${test.bound}`;
  }
}

const quote = (text: string): string => (text.includes('"') ? `'${text}'` : `"${text}"`);

function phraseValue(value: string, random: Random): string {
  const isPlain = /^[\w-]+(?: [\w-]+)?$/u.test(value) && !/^(?:no|yes)$/u.test(value);
  return isPlain && random.chance(0.6) ? value : quote(value);
}

/** As in the header, or the way people retype it; names that read like grammar are quoted. */
function phraseColumn(name: string, random: Random): string {
  const isOdd = /^(?:count|per|group|2019|min temp|sum insured|value|speed)$/u.test(name);
  if (random.chance(isOdd ? 0.7 : 0.15)) return random.pick([`"${name}"`, `\`${name}\``]);
  return random.pick([name, name, name, name.toLowerCase(), name.replaceAll("_", " ")]);
}

import type { Column } from "./columns.ts";
import { literalParser } from "./literals.ts";
import { after, always, before, either, keep, map, optional, type Parser, rule, separated, sequence } from "./parser.ts";
import type { Condition, Filter, Literal, Test } from "./readings.ts";
import type { Terminals } from "./terminals.ts";

const LESS = ["<", "less than", "below", "under", "smaller than", "lower than", "fewer than"];
const AT_MOST = ["<=", "≤", "at most", "no more than", "not more than", "up to", "less than or equal to", "smaller than or equal to"];
const MORE = [">", "more than", "greater than", "larger than", "higher than", "bigger than", "above", "over", "exceeds", "exceeding"];
const AT_LEAST = [">=", "≥", "at least", "no less than", "not less than", "greater than or equal to", "more than or equal to"];
const EQUALS = ["=", "==", "is", "are", "was", "equals", "equal to", "is equal to", "are equal to", "is exactly"];
const DIFFERS = ["!=", "<>", "≠", "is not", "are not", "isn't", "is not equal to", "not equal to", "does not equal", "is different from"];
const ONE_OF = ["in", "is in", "are in", "is one of", "are one of", "one of", "is among", "is any of", "is either", "either"];
const NONE_OF = ["not in", "is not in", "are not in", "is not one of", "is none of", "not one of"];
const CONTAINS = ["contains", "containing", "contain", "includes", "that contains"];
const LACKS = ["does not contain", "doesn't contain", "not containing", "do not contain"];

/** `<column> <test>`, for one column, and how several of these join. */
export function filterParser(terminals: Terminals, columns: readonly Column[], column: Parser<number>): Parser<Filter> {
  const { words } = terminals;
  const literal = literalParser(terminals, columns);
  const test = testParser(terminals, literal);
  const subject = after(optional(words("the", "a", "an", "its", "their", "the value of", "the column")), column);
  const named = before(subject, optional(words("column", "value", "values")));
  const chain = (joint: "and" | "or"): Parser<readonly Test[]> =>
    separated(test, words(joint, `, ${joint}`, ...(joint === "and" ? ["but"] : [])));
  const condition = rule(() =>
    either<Condition>(
      map(sequence(named, chain("and")), ([index, tests]) => ({ column: index, join: "all", tests })),
      keep(sequence(named, chain("or")), ([index, tests]) =>
        tests.length > 1 ? { column: index, join: "any" as const, tests } : undefined,
      ),
    ),
  );
  const again = optional(words("where", "with", "whose", "for which", "that"));
  const all = separated(condition, sequence(words("and", ", and", ",", "but"), again));
  const any = separated(condition, sequence(words("or", ", or"), again));
  return rule(() =>
    either<Filter>(
      keep(all, (conditions) => (conditions.some(isAlternative) && conditions.length > 1 ? undefined : { join: "all", conditions })),
      keep(any, (conditions) => (conditions.length > 1 && !conditions.some(isConjunction) ? { join: "any", conditions } : undefined)),
    ),
  );
}

/** A condition without an operator: "island Biscoe", "missing sex". */
export function bareConditionParser(terminals: Terminals, columns: readonly Column[], column: Parser<number>): Parser<Filter> {
  const literal = literalParser(terminals, columns);
  const subject = after(optional(terminals.words("the")), column);
  const only = (index: number, test: Test): Filter => ({ join: "all", conditions: [{ column: index, join: "all", tests: [test] }] });
  const { words } = terminals;
  return either<Filter>(
    map(sequence(subject, literal), ([index, value]) => only(index, { test: "equals", values: [value] })),
    map(after(words("missing", "empty", "a missing", "an empty"), column), (index) => only(index, { test: "empty" })),
    map(after(words("non-empty", "a non-empty"), column), (index) => only(index, { test: "filled" })),
  );
}

const isAlternative = (condition: Condition): boolean => condition.join === "any";
const isConjunction = (condition: Condition): boolean => condition.tests.length > 1;

function testParser(terminals: Terminals, literal: Parser<Literal>): Parser<Test> {
  return rule(() =>
    either<Test>(
      comparisonParser(terminals),
      equalityParser(terminals, literal),
      textParser(terminals, literal),
      emptinessParser(terminals),
    ),
  );
}

function comparisonParser({ words, number }: Terminals): Parser<Test> {
  const copula = optional(words("is", "are", "was", "of", "is of"));
  const bound = (test: "less" | "at-most" | "more" | "at-least", phrases: readonly string[]): Parser<Test> =>
    map(after(sequence(copula, words(...phrases)), number), (text) => ({ test, bound: text }));
  const trailing = (test: "at-most" | "at-least", phrases: readonly string[]): Parser<Test> =>
    map(before(after(words("is", "are", "of", "is of"), number), words(...phrases)), (text) => ({ test, bound: text }));
  const between = map(
    sequence(sequence(copula, words("between")), number, words("and"), number),
    ([, low, , high]): Test => ({ test: "between", low, high }),
  );
  return either<Test>(
    bound("less", LESS),
    bound("at-most", AT_MOST),
    bound("more", MORE),
    bound("at-least", AT_LEAST),
    trailing("at-most", ["or less", "or fewer", "or lower", "or below", "or under", "or smaller"]),
    trailing("at-least", ["or more", "or greater", "or higher", "or above", "or over", "or larger"]),
    between,
  );
}

function equalityParser({ words, number }: Terminals, literal: Parser<Literal>): Parser<Test> {
  const listed = (separators: readonly string[]): Parser<readonly Literal[]> => separated(literal, words(...separators));
  const oneOf = listed([",", "or", ", or", "and", ", and"]);
  const bracketed = either(oneOf, before(after(words("("), oneOf), words(")")));
  const alternatives = keep(sequence(listed([",", "or"]), words("or", ", or"), literal), ([first, , last]) => [...first, last]);
  const single = map(literal, (value) => [value]);
  const exactly = map(after(words("of"), number), (text) => [{ text, quoted: false, numeric: true }]);
  const neither = map(sequence(words("is neither", "neither"), literal, words("nor"), listed(["nor"])), ([, first, , rest]) => [
    first,
    ...rest,
  ]);
  const equals = (values: readonly Literal[]): Test => ({ test: "equals", values });
  const differs = (values: readonly Literal[]): Test => ({ test: "differs", values });
  return either<Test>(
    map(after(words(...EQUALS), either(single, alternatives)), equals),
    map(after(words(...ONE_OF), bracketed), equals),
    map(exactly, equals),
    map(after(words(...DIFFERS), single), differs),
    map(after(words(...NONE_OF), bracketed), differs),
    map(neither, differs),
  );
}

function textParser({ words }: Terminals, literal: Parser<Literal>): Parser<Test> {
  const test = (name: "contains" | "lacks" | "starts" | "ends", ...phrases: readonly string[]): Parser<Test> =>
    map(after(words(...phrases), literal), (value) => ({ test: name, value }));
  return either<Test>(
    test("contains", ...CONTAINS),
    test("lacks", ...LACKS),
    test("starts", "starts with", "begins with", "starting with", "start with", "beginning with"),
    test("ends", "ends with", "ending with", "end with"),
  );
}

function emptinessParser({ words }: Terminals): Parser<Test> {
  const empty = words("is empty", "is blank", "is missing", "are empty", "are missing", "is null");
  const filled = words(
    "is not empty",
    "is not blank",
    "is not missing",
    "is filled",
    "is present",
    "are not empty",
    "is not null",
    "is known",
  );
  return either<Test>(after(empty, always<Test>({ test: "empty" })), after(filled, always<Test>({ test: "filled" })));
}

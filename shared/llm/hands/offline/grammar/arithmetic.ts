import { after, always, before, either, keep, many, map, optional, type Parser, rule, separated, sequence } from "./parser.ts";
import { openingParser } from "./questions.ts";
import type { Aggregate, Expression, Operator } from "./readings.ts";
import { referenceParser } from "./references.ts";
import type { Terminals } from "./terminals.ts";

type Step = readonly [Operator, Expression];

/** An expression over numbers and earlier results. The usual precedence; `^` binds to the right; a sign before a power needs brackets. */
export function expressionParser(terminals: Terminals): Parser<Expression> {
  const { words, listSeparator } = terminals;
  const operator = (name: Operator, ...phrases: readonly string[]): Parser<Operator> => after(words(...phrases), always<Operator>(name));
  const plus = either(operator("+", "+", "plus"), operator("-", "-", "−", "minus"));
  const times = either(
    operator("*", "*", "×", "·", "x", "times", "multiplied by"),
    operator("/", "/", "÷", "divided by"),
    operator("%", "%", "mod", "modulo"),
  );
  const power = operator("^", "^", "**", "to the power of");

  const number = map(unsigned(terminals), (text): Expression => ({ kind: "number", text }));
  const bracket = rule((): Parser<Expression> => before(after(words("("), sum), words(")")));
  const result = keep(referenceParser(terminals), (reference): Expression | undefined =>
    reference.quantity === "one" ? { kind: "result", reference } : undefined,
  );
  const percent = map(
    sequence(
      unsigned(terminals),
      words("% of", "percent of", "per cent of"),
      rule(() => sum),
    ),
    ([text, , whole]): Expression => binary("*", binary("/", { kind: "number", text }, { kind: "number", text: "100" }), whole),
  );
  const primary = either<Expression>(
    number,
    bracket,
    result,
    percent,
    listParser(
      terminals,
      rule(() => sum),
    ),
  );
  const raised: Parser<Expression> = rule(() =>
    either<Expression>(
      primary,
      map(
        sequence(
          primary,
          power,
          rule(() => signed),
        ),
        ([base, name, exponent]) => binary(name, base, exponent),
      ),
    ),
  );
  const signed: Parser<Expression> = rule(() =>
    either<Expression>(
      raised,
      keep(after(words("-", "−", "minus"), primary), (of) => ({ kind: "negative", of })),
    ),
  );
  const product = chain(signed, times);
  const sum: Parser<Expression> = rule(() => chain(product, plus));
  return rule(() => either(sum, verbParser(terminals, signed, listSeparator)));
}

/** A calculation as a step of its own, which must compute something: a number alone or "the result" is none. */
export function arithmeticParser(terminals: Terminals, expression: Parser<Expression>): Parser<Expression> {
  const { words } = terminals;
  const lead = sequence(openingParser(terminals), optional(words("how much is", "the result of", "the value of", "the expression")));
  return keep(before(after(lead, expression), optional(words("="))), (found) => (isCalculation(found) ? found : undefined));
}

function isCalculation(expression: Expression): boolean {
  if (expression.kind === "negative") return isCalculation(expression.of);
  return expression.kind !== "number" && expression.kind !== "result";
}

function unsigned({ number }: Terminals): Parser<string> {
  return keep(number, (text) => (/^\d|^\./u.test(text) ? text : undefined));
}

/** Left to right, as written. */
function chain(operand: Parser<Expression>, operator: Parser<Operator>): Parser<Expression> {
  const step = map(sequence(operator, operand), (found): Step => found);
  return map(sequence(operand, many(step)), ([first, steps]) => steps.reduce((left, [name, right]) => binary(name, left, right), first));
}

function binary(operator: Operator, left: Expression, right: Expression): Expression {
  return { kind: "binary", operator, left, right };
}

type Lead = readonly [unknown, Aggregate | "product", unknown];

/** "the sum of 3, 4 and 5", "the mean of both results", "add them together". */
function listParser(terminals: Terminals, item: Parser<Expression>): Parser<Expression> {
  const { words, listSeparator } = terminals;
  const named = (aggregate: Aggregate | "product", ...phrases: readonly string[]): Parser<Aggregate | "product"> =>
    after(words(...phrases), always<Aggregate | "product">(aggregate));
  const name = either(
    named("sum", "sum", "total"),
    named("product", "product"),
    named("mean", "mean", "average", "arithmetic mean"),
    named("min", "minimum", "min", "smallest", "lowest"),
    named("max", "maximum", "max", "largest", "highest"),
    named("median", "median"),
  );
  const items = rule(() => separated(item, listSeparator));
  const lead: Parser<Lead> = sequence(optional(words("the")), name, words("of", "of the numbers", "of the values"));
  const several = keep(referenceParser(terminals), (reference) => (reference.quantity === "one" ? undefined : reference));
  const listed = keep(sequence(lead, items), ([[, aggregate], list]): Expression | undefined =>
    list.length > 1 ? { kind: "list", aggregate, items: list } : undefined,
  );
  const referred = map(
    sequence(lead, several),
    ([[, aggregate], reference]): Expression => ({
      kind: "results",
      aggregate,
      reference,
    }),
  );
  const verb = either(named("sum", "add", "add up", "sum up", "sum"), named("product", "multiply"));
  const together = map(
    sequence(verb, before(several, optional(words("together", "up")))),
    ([aggregate, reference]): Expression => ({ kind: "results", aggregate, reference }),
  );
  return either<Expression>(listed, referred, together);
}

/**
 * "add 2 to 3", "divide the result of step 1 by 4"; with the other number left out, "add 10" is to the result before.
 * @param operand no sums and products, of which it could not be told where they end
 */
function verbParser({ words }: Terminals, operand: Parser<Expression>, listSeparator: Parser<string>): Parser<Expression> {
  const of = (verb: string, joints: Parser<unknown>, build: (left: Expression, right: Expression) => Expression): Parser<Expression> =>
    map(sequence(words(verb), operand, joints, operand), ([, left, , right]) => build(left, right));
  const toResult = (operator: Operator, ...leads: readonly string[]): Parser<Expression> =>
    map(after(words(...leads), operand), (right) => binary(operator, THE_RESULT, right));
  return either<Expression>(
    of("add", either<unknown>(words("to"), listSeparator), (left, right) => binary("+", right, left)),
    of("subtract", words("from"), (left, right) => binary("-", right, left)),
    of("multiply", words("by", "with", "and"), (left, right) => binary("*", left, right)),
    of("divide", words("by"), (left, right) => binary("/", left, right)),
    toResult("+", "add"),
    toResult("-", "subtract"),
    toResult("*", "multiply by", "multiply with"),
    toResult("/", "divide by"),
  );
}

const THE_RESULT: Expression = { kind: "result", reference: { noun: "any", quantity: "one", steps: null } };

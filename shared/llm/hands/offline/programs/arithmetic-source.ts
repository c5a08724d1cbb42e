/** JavaScript for the sandbox: evaluates a parsed expression in exact fractions. `input` is the tree; no text is ever evaluated. */
export const ARITHMETIC_SOURCE = String.raw`
const MOST_DIGITS = 5000;

function gcd(a, b) {
  let left = a < 0n ? -a : a;
  let right = b < 0n ? -b : b;
  while (right !== 0n) [left, right] = [right, left % right];
  return left;
}

function fraction(n, d) {
  if (d === 0n) refuse("it divides by zero");
  const divisor = gcd(n, d) || 1n;
  const sign = d < 0n ? -1n : 1n;
  const made = { n: (sign * n) / divisor, d: (sign * d) / divisor };
  if (made.n.toString().length > MOST_DIGITS || made.d.toString().length > MOST_DIGITS) refuse("the result is too large");
  return made;
}

const plus = (a, b) => fraction(a.n * b.d + b.n * a.d, a.d * b.d);
const minus = (a, b) => fraction(a.n * b.d - b.n * a.d, a.d * b.d);
const times = (a, b) => fraction(a.n * b.n, a.d * b.d);
const over = (a, b) => fraction(a.n * b.d, a.d * b.n);
const compare = (a, b) => (a.n * b.d < b.n * a.d ? -1 : a.n * b.d > b.n * a.d ? 1 : 0);

function remainder(a, b) {
  if (b.n === 0n) refuse("it divides by zero");
  if (a.n < 0n || b.n < 0n) refuse("the remainder of negative numbers is defined in several ways");
  return minus(a, times(b, { n: (a.n * b.d) / (a.d * b.n), d: 1n }));
}

function power(base, exponent) {
  if (exponent.d !== 1n) refuse("only whole exponents are among the rules");
  if (exponent.n > 1000n || exponent.n < -1000n) refuse("the exponent is too large");
  if (base.n === 0n && exponent.n <= 0n) refuse("zero to the power of zero or less has no value");
  const size = exponent.n < 0n ? -exponent.n : exponent.n;
  if (BigInt(base.n.toString().length + base.d.toString().length) * size > BigInt(MOST_DIGITS)) refuse("the result is too large");
  const raised = fraction(base.n ** size, base.d ** size);
  return exponent.n < 0n ? over({ n: 1n, d: 1n }, raised) : raised;
}

const OPERATORS = { "+": plus, "-": minus, "*": times, "/": over, "%": remainder, "^": power };

const LISTS = {
  sum: (items) => items.reduce(plus),
  product: (items) => items.reduce(times),
  mean: (items) => over(items.reduce(plus), { n: BigInt(items.length), d: 1n }),
  min: (items) => items.reduce((a, b) => (compare(b, a) < 0 ? b : a)),
  max: (items) => items.reduce((a, b) => (compare(b, a) > 0 ? b : a)),
  median: (items) => {
    const sorted = items.slice().sort(compare);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : over(plus(sorted[middle - 1], sorted[middle]), { n: 2n, d: 1n });
  },
};

function evaluate(tree) {
  switch (tree.kind) {
    case "number": {
      const decimal = parseDecimal(tree.text);
      if (decimal === null) refuse(quote(tree.text) + " is not a number");
      return fraction(decimal.n, 10n ** BigInt(decimal.scale));
    }
    case "negative": return minus({ n: 0n, d: 1n }, evaluate(tree.of));
    case "binary": return OPERATORS[tree.operator](evaluate(tree.left), evaluate(tree.right));
    case "list": return LISTS[tree.aggregate](tree.items.map(evaluate));
  }
  throw new Error("unknown expression " + tree.kind);
}

/** The decimal digits of a fraction that ends, or null. */
function decimalDigits({ n, d }) {
  let scale = 0;
  while (scale <= 60 && (n * 10n ** BigInt(scale)) % d !== 0n) scale++;
  if (scale > 60) return null;
  const digits = ((n < 0n ? -n : n) * 10n ** BigInt(scale) / d).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return (n < 0n ? "-" : "") + whole + (scale > 0 ? "." + digits.slice(digits.length - scale) : "");
}

function answerExpression(tree) {
  const result = evaluate(tree);
  const value = toDouble(result.n, result.d);
  if (!Number.isFinite(value)) refuse("the result is too large");
  return { value, digits: decimalDigits(result) };
}
`;

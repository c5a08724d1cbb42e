/** JavaScript for the sandbox: decimals as integers over powers of ten, so that sums and means are rounded once, at the end. */
export const DECIMAL_SOURCE = String.raw`
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** { n, scale } with the value n / 10^scale, or null when the text is not a number. */
function parseDecimal(text) {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return null;
  const whole = match[2];
  const decimals = match[3] === undefined ? "" : match[3];
  if (whole === "" && decimals === "") return null;
  const exponent = match[4] === undefined ? 0 : Number(match[4]);
  if (Math.abs(exponent) > 300 || whole.length + decimals.length > 300) refuse("the number " + quote(text) + " is out of range");
  let n = BigInt(whole + decimals);
  if (match[1] === "-") n = -n;
  const scale = decimals.length - exponent;
  return scale >= 0 ? { n, scale } : { n: n * 10n ** BigInt(-scale), scale: 0 };
}

/** The double nearest to numerator / denominator. */
function toDouble(numerator, denominator) {
  if (numerator === 0n) return 0;
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  let shift = Math.max(0, 30 - (n.toString().length - d.toString().length));
  const scaled = n * 10n ** BigInt(shift);
  let digits = (scaled / d).toString();
  if (scaled % d !== 0n) { digits += "1"; shift++; }
  return Number((negative ? "-" : "") + digits + "e-" + shift);
}

/** A double that stands for an exact result: whole numbers beyond 2^53 would lose digits. */
function carry(numerator, denominator, what) {
  const value = toDouble(numerator, denominator);
  if (numerator % denominator === 0n && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    refuse(what + " is " + (numerator / denominator) + ", more digits than a result can carry");
  }
  return value;
}

function sumDecimals(decimals) {
  const byScale = new Map();
  for (const { n, scale } of decimals) byScale.set(scale, (byScale.get(scale) || 0n) + n);
  let scale = 0;
  for (const known of byScale.keys()) scale = Math.max(scale, known);
  let n = 0n;
  for (const [known, part] of byScale) n += part * 10n ** BigInt(scale - known);
  return { n, scale };
}

function compareDecimals(a, b) {
  if (a.scale === b.scale) return a.n < b.n ? -1 : a.n > b.n ? 1 : 0;
  const left = a.n * 10n ** BigInt(Math.max(0, b.scale - a.scale));
  const right = b.n * 10n ** BigInt(Math.max(0, a.scale - b.scale));
  return left < right ? -1 : left > right ? 1 : 0;
}

const AGGREGATES = {
  sum(decimals, what) {
    if (decimals.length === 0) refuse("there is no number to sum for " + what);
    const total = sumDecimals(decimals);
    return carry(total.n, 10n ** BigInt(total.scale), what);
  },
  mean(decimals, what) {
    if (decimals.length === 0) return null;
    const total = sumDecimals(decimals);
    return carry(total.n, 10n ** BigInt(total.scale) * BigInt(decimals.length), what);
  },
  min(decimals, what) { return extreme(decimals, -1, what); },
  max(decimals, what) { return extreme(decimals, 1, what); },
  median(decimals, what) {
    if (decimals.length === 0) return null;
    const sorted = decimals.slice().sort(compareDecimals);
    const middle = sorted.length >> 1;
    return AGGREGATES.mean(sorted.length % 2 === 1 ? [sorted[middle]] : [sorted[middle - 1], sorted[middle]], what);
  },
};

function extreme(decimals, sign, what) {
  if (decimals.length === 0) return null;
  let best = decimals[0];
  for (const decimal of decimals) if (compareDecimals(decimal, best) === sign) best = decimal;
  return carry(best.n, 10n ** BigInt(best.scale), what);
}
`;

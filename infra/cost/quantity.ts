/** A number with three decimals, exactly: 500n is a half. */
export type Thousandths = bigint;

const ONE = 1_000;

/** @throws RangeError when there is more behind the point than three decimals, or less than nothing */
export function thousandths(number: number): Thousandths {
  const rounded = Math.round(number * ONE);
  // Floating point misses 0.084 * 1000 by less than this; a fourth decimal is ten million times as much.
  if (!(number >= 0) || Math.abs(rounded - number * ONE) > 1e-6 * Math.max(1, rounded / 1e6)) {
    throw new RangeError(`${number} is no quantity with three decimals`);
  }
  return BigInt(rounded);
}

/** For what is assumed or calculated anyway. */
export function nearestThousandth(number: number): Thousandths {
  return BigInt(Math.round(number * ONE));
}

/** Digits in groups of three: 1234500n gives "1,234.5". */
export function formatQuantity(quantity: Thousandths): string {
  const whole = (quantity / BigInt(ONE)).toString().replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
  const decimals = (quantity % BigInt(ONE)).toString().padStart(3, "0").replace(/0+$/, "");
  return decimals === "" ? whole : `${whole}.${decimals}`;
}

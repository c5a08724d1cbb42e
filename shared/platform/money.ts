/**
 * Money is a bigint of nano-dollars (1 USD = 10^9) inside and a decimal string in JSON; never a float.
 */
export type NanoDollars = bigint;

const NANO_PER_DOLLAR = 1_000_000_000n;

/** Parses "5", "0.25" or "1.000000001". Throws a RangeError on anything else, on signs and on more than nine decimals. */
export function parseUsd(text: string): NanoDollars {
  const match = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (match === null) throw new RangeError(`not an amount in dollars: ${text}`);
  const [, whole = "0", decimals = ""] = match;
  return BigInt(whole) * NANO_PER_DOLLAR + BigInt(decimals.padEnd(9, "0"));
}

/** The shortest exact decimal: 250000000n gives "0.25", 0n gives "0". */
export function formatUsd(nano: NanoDollars): string {
  const sign = nano < 0n ? "-" : "";
  const amount = nano < 0n ? -nano : nano;
  const decimals = (amount % NANO_PER_DOLLAR).toString().padStart(9, "0").replace(/0+$/, "");
  return `${sign}${amount / NANO_PER_DOLLAR}${decimals === "" ? "" : `.${decimals}`}`;
}

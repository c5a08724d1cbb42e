import { type Cell, digitsOf, type NumberResult } from "../results.ts";

const DECIMALS = 4;
const SMALLEST_FIXED = 0.001;

/** A number as reports show it: at most 4 decimals; below 0.001 four significant digits, so that it does not become zero. */
export function roundForReport(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const rounded = Math.abs(value) < SMALLEST_FIXED ? value.toPrecision(DECIMALS) : value.toFixed(DECIMALS);
  return rounded.includes("e") ? rounded : rounded.replace(/0+$/u, "").replace(/\.$/u, "");
}

export function numberForReport(result: NumberResult): string {
  if (result.exact === undefined) return roundForReport(result.value);
  const isShort = /^-?\d+(?:\.\d{1,4})?$/u.test(result.exact);
  return isShort ? result.exact : roundForReport(result.value);
}

/** Text cells stay as they are; no value is a dash. */
export function cellForReport(cell: Cell): string {
  if (cell === null) return "–";
  return typeof cell === "number" ? roundForReport(cell) : cell;
}

/** Full precision, for files that programs read. */
export function cellForData(cell: Cell): string {
  return cell === null ? "" : String(cell);
}

export { digitsOf as numberForData };

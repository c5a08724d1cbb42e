import { formatUsd, type NanoDollars } from "../../shared/platform/money.ts";
import type { Bill, Line } from "./bill.ts";
import { formatQuantity } from "./quantity.ts";

const UNCONFIRMED = " [U]";
const widths = { what: 44, quantity: 26, price: 36, amount: 10 };

/** A table of one bill: what, how much of it, at which price, in dollars. */
export function formatBill(title: string, { lines, total }: Bill): string {
  const cells = lines.map(formatLine);
  return [title, ...cells, row("in all", "", "", formatCents(total)), ""].join("\n");
}

function formatLine({ price, quantity, free, why, amount }: Line): string {
  const each = price.per === 1 ? price.unit : `${formatQuantity(BigInt(price.per) * 1_000n)} ${plural(price.unit)}`;
  const notes = [...(free === 0n ? [] : [`${formatQuantity(free)} of them free`]), ...(why === undefined ? [] : [why])];
  const line = row(
    price.what,
    `${formatQuantity(quantity)} ${quantity === 1_000n ? price.unit : plural(price.unit)}`,
    `$${formatUsd(price.usd)} / ${each}${price.is_confirmed ? "" : UNCONFIRMED}`,
    formatCents(amount),
  );
  return notes.length === 0 ? line : `${line}   ${notes.join("; ")}`;
}

const plural = (unit: string): string => (unit.endsWith("GB") ? unit : `${unit}s`);

function row(what: string, quantity: string, price: string, amount: string): string {
  return `  ${what.padEnd(widths.what)}${quantity.padEnd(widths.quantity)}${price.padEnd(widths.price)}${amount.padStart(widths.amount)}`;
}

const TENTH_OF_A_CENT = 1_000_000n;

/** To a tenth of a cent, rounded up, so that nothing that costs is shown as nothing. */
export function formatCents(amount: NanoDollars): string {
  const rounded = ((amount + TENTH_OF_A_CENT - 1n) / TENTH_OF_A_CENT) * TENTH_OF_A_CENT;
  const [whole, decimals = ""] = formatUsd(rounded).split(".");
  return `$${whole}.${decimals.padEnd(3, "0")}`;
}

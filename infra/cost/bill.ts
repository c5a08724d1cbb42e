import { type NanoDollars } from "../../shared/platform/money.ts";
import type { Charge } from "./charge.ts";
import { getPrice, type Price, type PriceId, type PriceTable, priceOf } from "./price-table.ts";
import type { Thousandths } from "./quantity.ts";

export type Line = {
  readonly id: PriceId;
  readonly price: Price;
  readonly quantity: Thousandths;
  /** Of the quantity, what no account pays. */
  readonly free: Thousandths;
  readonly why: string | undefined;
  readonly amount: NanoDollars;
};

export type Bill = { readonly lines: readonly Line[]; readonly total: NanoDollars };

/** One line for each price, less what is free in every month of an account; what costs most comes first. */
export function billMonth(charges: readonly Charge[], prices: PriceTable): Bill {
  const ids = [...new Set(charges.map(({ price }) => price))];
  const lines = ids.map((id) => {
    const own = charges.filter(({ price }) => price === id);
    const quantity = own.reduce((sum, charge) => sum + charge.quantity, 0n);
    const allowance = BigInt(getPrice(prices, id).free_per_month ?? 0) * 1_000n;
    return writeLine({ price: id, quantity, ...pick(own[0]) }, prices, quantity < allowance ? quantity : allowance);
  });
  return addUp(lines.toSorted((one, other) => Number(other.amount - one.amount)));
}

/** One line for each charge at its full price: a month's allowances are used up already. */
export function billUse(charges: readonly Charge[], prices: PriceTable): Bill {
  return addUp(charges.map((charge) => writeLine(charge, prices, 0n)));
}

function pick(charge: Charge | undefined): Pick<Charge, "why"> {
  return charge?.why === undefined ? {} : { why: charge.why };
}

function writeLine({ price: id, quantity, why }: Charge, prices: PriceTable, free: Thousandths): Line {
  const price = getPrice(prices, id);
  return { id, price, quantity, free, why, amount: priceOf(price, quantity - free) };
}

function addUp(lines: readonly Line[]): Bill {
  return { lines, total: lines.reduce((sum, { amount }) => sum + amount, 0n) };
}

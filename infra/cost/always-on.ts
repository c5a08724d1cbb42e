import { formatUsd, type NanoDollars, parseUsd } from "../../shared/platform/money.ts";
import type { StageName } from "../config/stage-config.ts";
import type { Bill } from "./bill.ts";
import type { PriceId } from "./price-table.ts";

type Allowance = { readonly prices: readonly PriceId[]; readonly most: NanoDollars };

const everywhere = ["kms-key", "secret", "aurora-storage", "valkey-gb-hour", "sqs-request", "alarm-metric", "dashboard"] as const;

/** What may cost while nobody uses a stage, and how much a month in all. Whoever adds to it decides that it is worth the money. */
export const alwaysOn: Readonly<Record<Exclude<StageName, "local">, Allowance>> = {
  dev: { prices: everywhere, most: parseUsd("10") },
  prod: { prices: [...everywhere, "aurora-acu-hour", "endpoint-hour", "waf-acl", "waf-rule"], most: parseUsd("160") },
};

/** What a stage costs while idle and may not: each a sentence. */
export function findNewAlwaysOn(stage: keyof typeof alwaysOn, idle: Bill): readonly string[] {
  const { prices, most } = alwaysOn[stage];
  const paid = idle.lines.filter(({ id, quantity }) => quantity > 0n && !prices.includes(id));
  return [
    ...paid.map(
      ({ id, amount }) => `${stage} pays for ${id} while idle, ${formatUsd(amount)} a month: remove it or allow it in always-on.ts.`,
    ),
    ...(idle.total > most ? [`${stage} costs ${formatUsd(idle.total)} a month while idle; always-on.ts allows ${formatUsd(most)}.`] : []),
  ];
}

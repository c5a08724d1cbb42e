import * as z from "zod";
import type { Queryable } from "../platform/db/database.ts";
import { formatUsd } from "../platform/money.ts";
import { PriceStatus } from "./contracts/price-status.ts";

const UsageGroup = z
  .object({
    model: z.string(),
    calls: z.int(),
    input_tokens: z.coerce.number().int(),
    output_tokens: z.coerce.number().int(),
    cost_nano: z.string().nullable(),
    price_status: PriceStatus,
  })
  .transform(({ cost_nano, ...row }) => ({ ...row, cost_usd: cost_nano === null ? null : formatUsd(BigInt(cost_nano)) }));
export type UsageGroup = z.infer<typeof UsageGroup>;

/** Usage of the workspace by model between two times (null: no bound). A cost is null as soon as one call of the model has no known price. */
export async function readUsage(db: Queryable, period: { from: string | undefined; to: string | undefined }): Promise<UsageGroup[]> {
  const { rows } = await db.query(
    `SELECT model, price_status, count(*)::int AS calls, sum(prompt_tokens)::text AS input_tokens, sum(completion_tokens)::text AS output_tokens,
      CASE WHEN bool_and(cost_nano IS NOT NULL) THEN sum(cost_nano)::text END AS cost_nano
    FROM llm_usage
    WHERE ($1::timestamptz IS NULL OR created_at >= $1) AND ($2::timestamptz IS NULL OR created_at < $2)
    GROUP BY model, price_status ORDER BY model`,
    [period.from ?? null, period.to ?? null],
  );
  return z.array(UsageGroup).parse(rows);
}

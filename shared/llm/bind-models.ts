import * as z from "zod";
import { actorOf } from "../auth/actor-of.ts";
import { type Binding, bindRoute } from "../platform/api/bind-route.ts";
import { readEnv } from "../platform/config/env.ts";
import type { Database } from "../platform/db/database.ts";
import { getUsage } from "../usage/contract.ts";
import { loadPriceTable } from "../usage/load-prices.ts";
import { readUsage } from "../usage/sql.ts";
import { ModelName } from "./contracts/model-name.ts";
import { listModels } from "./contracts/models.ts";
import { listModels as describeModels } from "./list-models.ts";

const ModelsEnv = z.object({
  DEFAULT_MODEL: ModelName,
  /** Where calls of `openai:` models go; the mind has no keys and must be told. */
  OPENAI_SERVER: z.enum(["vendor", "compatible", "absent"]).default("absent"),
});

export function bindModels(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(listModels, async ({ now }) => {
      const { DEFAULT_MODEL: defaultModel, OPENAI_SERVER: openai } = readEnv(ModelsEnv);
      const prices = await loadPriceTable([defaultModel, ...(openai === "vendor" ? ["openai:any"] : [])], now);
      return { body: { models: describeModels({ defaultModel, openai }, prices) } };
    }),
    bindRoute(getUsage, async ({ identity, query }) => {
      const db = await openDb();
      return {
        body: { usage: await db.transact(actorOf(identity), (connection) => readUsage(connection, { from: query.from, to: query.to })) },
      };
    }),
  ];
}

import * as z from "zod";
import { readEnv } from "../../platform/config/env.ts";
import { sharedDatabase } from "../../platform/db/shared-database.ts";
import type { LedgerDeps } from "../deps.ts";

const LedgerEnv = z.object({ DATABASE_URL: z.string(), LEASE_SECONDS: z.coerce.number().positive().default(90) });

/** What effects are leased out with. */
export async function openLedger(): Promise<LedgerDeps> {
  const env = readEnv(LedgerEnv);
  return { db: await sharedDatabase(env.DATABASE_URL), now: () => new Date(), leaseSeconds: env.LEASE_SECONDS };
}

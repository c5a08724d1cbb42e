import * as z from "zod";

const Setup = z.object({ DATABASE_URL: z.string(), REDIS_URL: z.string(), PARITY_BUNDLES: z.string(), PARITY_NODE: z.string() });

export type ParitySetup = {
  /** Of the server on which each world gets a database of its own. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** A copy of `dist/functions` that nothing of this repository lies around. */
  readonly bundles: string;
  /** The Node.js that runs them. */
  readonly node: string;
};

/** What the global setup has made ready for every test file. */
export function readParitySetup(): ParitySetup {
  const { DATABASE_URL, REDIS_URL, PARITY_BUNDLES, PARITY_NODE } = Setup.parse(process.env);
  return { databaseUrl: DATABASE_URL, redisUrl: REDIS_URL, bundles: PARITY_BUNDLES, node: PARITY_NODE };
}

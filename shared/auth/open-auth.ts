import * as z from "zod";
import { lookupTable } from "../platform/aws/lookup-table.ts";
import { readEnv } from "../platform/config/env.ts";
import { sharedDatabase } from "../platform/db/shared-database.ts";
import { uuidv7 } from "../platform/ids.ts";
import type { AuthDeps } from "./deps.ts";
import { putJwks } from "./lookups.ts";
import { readSigningKey, type SigningKey } from "./signing-key.ts";

export const AuthEnv = z.object({
  DATABASE_URL: z.string(),
  LOOKUP_TABLE: z.string(),
  /** The JSON of a private JSON Web Key. */
  JWT_PRIVATE_KEY: z.string(),
});

/** What the auth service works with. Nothing is opened before it is needed. */
export function openAuth(joinWorkspace: AuthDeps["joinWorkspace"]): AuthDeps {
  let signingKey: Promise<SigningKey> | undefined;
  return {
    openDb: () => sharedDatabase(readEnv(AuthEnv).DATABASE_URL),
    lookups: lookupTable,
    getSigningKey() {
      if (signingKey === undefined) {
        signingKey = openSigningKey();
        signingKey.catch(() => {
          signingKey = undefined;
        });
      }
      return signingKey;
    },
    joinWorkspace,
    newId: uuidv7,
  };
}

/** Published before it signs anything: the authorizer must know every key that a token can be signed with. */
async function openSigningKey(): Promise<SigningKey> {
  const key = await readSigningKey(readEnv(AuthEnv).JWT_PRIVATE_KEY);
  await putJwks(lookupTable, [key.publicJwk]);
  return key;
}

import * as z from "zod";
import { lookupTable } from "../platform/aws/lookup-table.ts";
import { readEnv } from "../platform/config/env.ts";
import { sharedDatabase } from "../platform/db/shared-database.ts";
import { uuidv7 } from "../platform/ids.ts";
import { RegistrationPolicy } from "./contracts/registration-policy.ts";
import type { AuthDeps } from "./deps.ts";

const AuthEnv = z.object({
  DATABASE_URL: z.string(),
  LOOKUP_TABLE: z.string(),
  /** The JSON of a private JSON Web Key, where there is nobody to rotate it. */
  JWT_PRIVATE_KEY: z.string().optional(),
  /** The secret that holds a deployment's keys. */
  JWT_KEYS_SECRET: z.string().optional(),
  REGISTRATION_POLICY: RegistrationPolicy.default("first"),
});

/** What the auth service works with. Nothing is opened before it is needed. */
export function openAuth(joinWorkspace: AuthDeps["joinWorkspace"]): AuthDeps {
  let keys: Promise<AuthDeps["getKeys"]> | undefined;
  return {
    openDb: () => sharedDatabase(readEnv(AuthEnv).DATABASE_URL),
    lookups: lookupTable,
    getKeys: async () => (await (keys ??= loadKeys()))(),
    registration: () => readEnv(AuthEnv).REGISTRATION_POLICY,
    joinWorkspace,
    newId: uuidv7,
  };
}

/** What signs is loaded by whoever logs in. */
async function loadKeys(): Promise<AuthDeps["getKeys"]> {
  const { openKeys } = await import("./open-keys.ts");
  return openKeys(lookupTable, readEnv(AuthEnv));
}

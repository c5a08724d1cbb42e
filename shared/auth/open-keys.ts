import type { LookupTable } from "../platform/aws/lookup-table.ts";
import { keepSecret } from "../platform/aws/secrets.ts";
import { AppError } from "../platform/errors.ts";
import type { AuthDeps } from "./deps.ts";
import { type KeyRing, readKeyRing } from "./key-ring.ts";
import { findJwks, putJwks } from "./lookups.ts";
import { readSigningKey } from "./signing-key.ts";

export type KeySettings = { readonly JWT_PRIVATE_KEY?: string | undefined; readonly JWT_KEYS_SECRET?: string | undefined };

/**
 * The keys that tokens are signed with: those of the secret, or the one that is given. The authorizer must know every key before a token is
 * signed with it, so whatever it does not know is published first.
 * @param now milliseconds
 * @throws AppError `wrong-configuration` when there is neither
 */
export function openKeys(table: LookupTable, settings: KeySettings, now: () => number = Date.now): AuthDeps["getKeys"] {
  const { JWT_KEYS_SECRET, JWT_PRIVATE_KEY } = settings;
  if (JWT_KEYS_SECRET !== undefined) {
    return keepSecret(JWT_KEYS_SECRET, async (text) => publishKeys(table, await readKeyRing(text)), now);
  }
  if (JWT_PRIVATE_KEY === undefined) throw new AppError("wrong-configuration", "Neither JWT_KEYS_SECRET nor JWT_PRIVATE_KEY is set");
  let opened: Promise<KeyRing> | undefined;
  return () => {
    if (opened === undefined) {
      opened = readLoneKey(JWT_PRIVATE_KEY).then((ring) => publishKeys(table, ring));
      opened.catch(() => {
        opened = undefined;
      });
    }
    return opened;
  };
}

async function publishKeys(table: LookupTable, ring: KeyRing): Promise<KeyRing> {
  const known = (await findJwks(table)).keys.map(({ kid }) => kid);
  if (!ring.published.every(({ kid }) => known.includes(kid))) await putJwks(table, ring.published);
  return ring;
}

async function readLoneKey(json: string): Promise<KeyRing> {
  const signing = await readSigningKey(json);
  return { signing, published: [signing.publicJwk] };
}

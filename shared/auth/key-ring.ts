import * as z from "zod";
import { AppError } from "../platform/errors.ts";
import { createPrivateKey, importSigningKey, PrivateKey, type PublicJwk, type SigningKey } from "./signing-key.ts";

/**
 * The keys of a deployment as its secret holds them. The first signs; the second will after the next rotation and is known to every
 * verifier by then; the third signed before the last one, and tokens of that time are still good.
 */
const KeySet = z.object({ keys: z.array(PrivateKey).min(2).max(3) });
type KeySet = z.infer<typeof KeySet>;

export type KeyRing = { readonly signing: SigningKey; readonly published: readonly PublicJwk[] };

/**
 * Reads what `JWT_KEYS_SECRET` holds.
 * @throws AppError `wrong-configuration`, without a word of the keys
 */
export async function readKeyRing(text: string | undefined): Promise<KeyRing> {
  const set = parseKeySet(text);
  if (set === undefined) throw new AppError("wrong-configuration", "The secret JWT_KEYS_SECRET holds no keys yet: rotate it once");
  const keys = await Promise.all(set.keys.map(importSigningKey));
  const [signing] = keys;
  if (signing === undefined) throw new RangeError("a key set has at least two keys");
  return { signing, published: keys.map(({ publicJwk }) => publicJwk) };
}

/** The keys after a rotation: each moves up a place and a new one is next. Text that is no key set is followed by two new keys. */
export async function turnKeyRing(text: string | undefined): Promise<string> {
  const [old, next] = parseKeySet(text)?.keys ?? [];
  const fresh = await createPrivateKey();
  const turned: KeySet = { keys: old === undefined || next === undefined ? [fresh, await createPrivateKey()] : [next, fresh, old] };
  return JSON.stringify(turned);
}

function parseKeySet(text: string | undefined): KeySet | undefined {
  try {
    return KeySet.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined;
  }
}

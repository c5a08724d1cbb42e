import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import * as z from "zod";
import { AppError } from "../platform/errors.ts";

const PublicKey = z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string() });

/** A private key as JSON Web Key, the form in which keys are kept. */
export const PrivateKey = PublicKey.extend({ d: z.string() });
export type PrivateKey = z.infer<typeof PrivateKey>;

/** A public key as it is published and found by the `kid` of a token. */
export type PublicJwk = z.infer<typeof PublicKey> & { kid: string; alg: "ES256"; use: "sig" };
export type SigningKey = { readonly privateKey: CryptoKey | Uint8Array; readonly publicJwk: PublicJwk };

export async function createPrivateKey(): Promise<PrivateKey> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return PrivateKey.parse(await exportJWK(privateKey));
}

/** A new private key as the JSON that `JWT_PRIVATE_KEY` holds. */
export async function generateSigningKey(): Promise<string> {
  return JSON.stringify(await createPrivateKey());
}

/**
 * Reads a private key (JWK, EC P-256).
 * @throws AppError `wrong-configuration`, without a word of the key
 */
export async function readSigningKey(json: string): Promise<SigningKey> {
  try {
    return await importSigningKey(PrivateKey.parse(JSON.parse(json)));
  } catch {
    throw new AppError("wrong-configuration", "JWT_PRIVATE_KEY is not a private EC P-256 key as JSON Web Key");
  }
}

/** Makes a key ready to sign. Its id is its thumbprint, so that two keys are never confused. */
export async function importSigningKey({ d, ...publicKey }: PrivateKey): Promise<SigningKey> {
  const kid = await calculateJwkThumbprint(publicKey);
  return { privateKey: await importJWK({ ...publicKey, d }, "ES256"), publicJwk: { ...publicKey, kid, alg: "ES256", use: "sig" } };
}

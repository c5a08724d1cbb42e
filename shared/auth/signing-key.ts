import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";
import * as z from "zod";
import { AppError } from "../platform/errors.ts";

const PublicKey = z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string() });
const PrivateKey = PublicKey.extend({ d: z.string() });

/** A public key as it is published and found by the `kid` of a token. */
export type PublicJwk = z.infer<typeof PublicKey> & { kid: string; alg: "ES256"; use: "sig" };
export type SigningKey = { readonly privateKey: CryptoKey | Uint8Array; readonly publicJwk: PublicJwk };

/** A new private key as the JSON that `JWT_PRIVATE_KEY` holds. */
export async function generateSigningKey(): Promise<string> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return JSON.stringify(PrivateKey.parse(await exportJWK(privateKey)));
}

/**
 * Reads a private key (JWK, EC P-256). Its id is its thumbprint, so that two keys are never confused.
 * @throws AppError `wrong-configuration`, without a word of the key
 */
export async function readSigningKey(json: string): Promise<SigningKey> {
  try {
    const { d, ...publicKey } = PrivateKey.parse(JSON.parse(json));
    const kid = await calculateJwkThumbprint(publicKey);
    return { privateKey: await importJWK({ ...publicKey, d }, "ES256"), publicJwk: { ...publicKey, kid, alg: "ES256", use: "sig" } };
  } catch {
    throw new AppError("wrong-configuration", "JWT_PRIVATE_KEY is not a private EC P-256 key as JSON Web Key");
  }
}

import { createHash, randomBytes } from "node:crypto";

/** Enough to recognise a key in a list, far too little to guess it. */
const PREFIX_LENGTH = 12;

/** A new key of 256 random bits. Only its hash is stored: with that many bits a fast hash is enough. */
export function makeApiKey(): { key: string; prefix: string; sha256: string } {
  const key = `cos_${randomBytes(32).toString("base64url")}`;
  return { key, prefix: key.slice(0, PREFIX_LENGTH), sha256: hashApiKey(key) };
}

export function isApiKey(text: string): boolean {
  return /^cos_[\w-]{43}$/.test(text);
}

export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

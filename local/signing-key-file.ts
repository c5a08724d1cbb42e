import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSigningKey } from "../shared/auth/signing-key.ts";

/** The private key that this installation signs tokens with; made at the first start. */
export async function ensureSigningKey(folder: string): Promise<string> {
  const file = join(folder, "signing-key.json");
  if (existsSync(file)) return readFileSync(file, "utf8");
  const key = await generateSigningKey();
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}

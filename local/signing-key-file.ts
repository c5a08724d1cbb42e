import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { generateSigningKey, readSigningKey } from "../shared/auth/signing-key.ts";
import { writePrivateFile } from "./private-file.ts";

/** The private key that this installation signs tokens with; made at the first start, and again when the file is damaged. */
export async function ensureSigningKey(folder: string): Promise<string> {
  const file = join(folder, "signing-key.json");
  const kept = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (await isSigningKey(kept)) return kept;
  const key = await generateSigningKey();
  writePrivateFile(file, key);
  return key;
}

async function isSigningKey(text: string): Promise<boolean> {
  return readSigningKey(text).then(
    () => true,
    () => false,
  );
}

import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { clientOptions } from "./client-options.ts";
import { lazyClient } from "./lazy-client.ts";

export const getSecretsClient: () => Promise<SecretsManagerClient> = lazyClient(async () => {
  const { SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  return new SecretsManagerClient(clientOptions("secretsmanager"));
});

/** Which value of a secret: the current one, or the one of a version that is being made. */
export type SecretVersion = { readonly stage: "AWSCURRENT" | "AWSPENDING"; readonly id?: string };

/** The text of a secret; undefined when there is no such secret, or none of its values is at this stage. */
export async function findSecret(secretId: string, version: SecretVersion = { stage: "AWSCURRENT" }): Promise<string | undefined> {
  const [client, { GetSecretValueCommand, ResourceNotFoundException }] = await Promise.all([
    getSecretsClient(),
    import("@aws-sdk/client-secrets-manager"),
  ]);
  const { stage: VersionStage, id } = version;
  try {
    const command = new GetSecretValueCommand({ SecretId: secretId, VersionStage, ...(id === undefined ? {} : { VersionId: id }) });
    return (await client.send(command)).SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Somebody who sets a secret sees it used after this time at the latest. */
const KEPT_MILLISECONDS = 5 * 60_000;

/**
 * Reads a secret when it is first asked for and again after five minutes; whoever asks meanwhile gets the same answer. What `read` refuses
 * is not kept: the next one to ask looks again.
 * @param read what the text says; undefined while nobody has set it
 * @param now milliseconds
 */
export function keepSecret<Value>(
  secretId: string,
  read: (text: string | undefined) => Value | Promise<Value>,
  now: () => number = Date.now,
): () => Promise<Value> {
  let kept: { value: Promise<Value>; at: number } | undefined;
  return () => {
    if (kept !== undefined && now() - kept.at <= KEPT_MILLISECONDS) return kept.value;
    const reading = { value: findSecret(secretId).then(read), at: now() };
    kept = reading;
    reading.value.catch(() => {
      if (kept === reading) kept = undefined;
    });
    return reading.value;
  };
}

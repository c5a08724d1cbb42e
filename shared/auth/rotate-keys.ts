import { randomUUID } from "node:crypto";
import type { LookupTable } from "../platform/aws/lookup-table.ts";
import { findSecret, getSecretsClient } from "../platform/aws/secrets.ts";
import { readKeyRing, turnKeyRing } from "./key-ring.ts";
import { findJwks, putJwks } from "./lookups.ts";
import { signToken, verifyToken } from "./token.ts";

/** A rotation in the making: `token` is the id of the version that is to become the current one. */
export type Rotation = { readonly secretId: string; readonly token: string };

/**
 * The four steps of a rotation as Secrets Manager calls them, in this order and each as often as it likes. Between them verifiers always
 * know the keys that are signed with.
 */
export const rotationSteps = {
  async createSecret({ secretId, token }: Rotation): Promise<void> {
    if ((await findSecret(secretId, { stage: "AWSPENDING", id: token })) !== undefined) return;
    const turned = await turnKeyRing(await findSecret(secretId));
    const [client, { PutSecretValueCommand }] = await Promise.all([getSecretsClient(), import("@aws-sdk/client-secrets-manager")]);
    const pending = { SecretId: secretId, ClientRequestToken: token, SecretString: turned, VersionStages: ["AWSPENDING"] };
    await client.send(new PutSecretValueCommand(pending));
  },

  /** Published before anything is signed with it: what is published holds the current keys as well. */
  async setSecret(rotation: Rotation, table: LookupTable): Promise<void> {
    const { published } = await readPending(rotation);
    await putJwks(table, published);
  },

  async testSecret(rotation: Rotation, table: LookupTable): Promise<void> {
    const [{ signing }, keys] = await Promise.all([readPending(rotation), findJwks(table)]);
    const [nobody, now] = [randomUUID(), new Date()];
    const identity = { workspaceId: nobody, userId: nobody, sessionId: nobody, scopes: [] };
    const { token } = await signToken(signing, identity, nobody, now);
    if ((await verifyToken(keys, token, now)) === undefined) throw new Error("A token of the new keys is not accepted by those published");
  },

  async finishSecret({ secretId, token }: Rotation): Promise<void> {
    const current = (await listVersions(secretId)).find(({ stages }) => stages.includes("AWSCURRENT"))?.id;
    if (current === token) return;
    const [client, { UpdateSecretVersionStageCommand }] = await Promise.all([
      getSecretsClient(),
      import("@aws-sdk/client-secrets-manager"),
    ]);
    const from = current === undefined ? {} : { RemoveFromVersionId: current };
    await client.send(
      new UpdateSecretVersionStageCommand({ SecretId: secretId, VersionStage: "AWSCURRENT", MoveToVersionId: token, ...from }),
    );
  },
};

/**
 * Whether a step is to be taken: not when the version is the current one already.
 * @throws Error when the version is not one that is being made
 */
export async function isRotationOpen({ secretId, token }: Rotation): Promise<boolean> {
  const version = (await listVersions(secretId)).find(({ id }) => id === token);
  if (version?.stages.includes("AWSCURRENT") === true) return false;
  if (version?.stages.includes("AWSPENDING") === true) return true;
  throw new Error("The version to rotate to is not pending");
}

async function readPending({ secretId, token }: Rotation) {
  return readKeyRing(await findSecret(secretId, { stage: "AWSPENDING", id: token }));
}

async function listVersions(secretId: string): Promise<{ id: string; stages: string[] }[]> {
  const [client, { DescribeSecretCommand }] = await Promise.all([getSecretsClient(), import("@aws-sdk/client-secrets-manager")]);
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
  return Object.entries(VersionIdsToStages).map(([id, stages]) => ({ id, stages }));
}

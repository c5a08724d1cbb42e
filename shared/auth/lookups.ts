import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { JSONWebKeySet } from "jose";
import type { Identity } from "../platform/api/route.ts";
import type { LookupTable } from "../platform/aws/lookup-table.ts";
import type { PublicJwk } from "./signing-key.ts";

/**
 * What the authorizer looks up: it stands outside the VPC and has no database. Written by `auth` in the request that creates (after
 * Postgres) or revokes (before Postgres). Read without a validator, to keep the authorizer small.
 */
export type KeyLookup = { readonly sha256: string; readonly identity: Identity; readonly expiresAt: Date | undefined };

export async function putApiKey(table: LookupTable, { sha256, identity, expiresAt }: KeyLookup): Promise<void> {
  const expiry = expiresAt === undefined ? undefined : { N: String(Math.floor(expiresAt.getTime() / 1000)) };
  await put(table, {
    pk: { S: `key#${sha256}` },
    workspace_id: { S: identity.workspaceId },
    user_id: { S: identity.userId },
    scopes: { S: identity.scopes.join(" ") },
    ...(expiry === undefined ? {} : { ttl: expiry }),
  });
}

export async function deleteApiKeyLookup(table: LookupTable, sha256: string): Promise<void> {
  const [client, { DeleteItemCommand }] = await Promise.all([table.client(), import("@aws-sdk/client-dynamodb")]);
  await client.send(new DeleteItemCommand({ TableName: table.name(), Key: { pk: { S: `key#${sha256}` } } }));
}

/** Who a key stands for; undefined when it is unknown, revoked or expired. */
export async function findApiKey(table: LookupTable, sha256: string, now: Date): Promise<Identity | undefined> {
  const item = await find(table, `key#${sha256}`);
  const [workspaceId, userId, scopes] = ["workspace_id", "user_id", "scopes"].map((name) => item?.[name]?.S);
  const ttl = item?.["ttl"]?.N;
  if (workspaceId === undefined || userId === undefined || scopes === undefined) return undefined;
  // DynamoDB deletes expired items when it finds the time.
  if (ttl !== undefined && Number(ttl) * 1000 <= now.getTime()) return undefined;
  return { workspaceId, userId, scopes: scopes.split(" ") };
}

export async function isSessionRevoked(table: LookupTable, sessionId: string): Promise<boolean> {
  return (await find(table, `rev#${sessionId}`)) !== undefined;
}

/** Publishes the key that tokens are signed with from now on. Doing it again changes nothing. */
export async function putJwks(table: LookupTable, keys: readonly PublicJwk[]): Promise<void> {
  await put(table, { pk: { S: "jwks" }, jwks: { S: JSON.stringify({ keys }) } });
}

/** The keys that tokens may be signed with; none before `auth` has run for the first time. */
export async function findJwks(table: LookupTable): Promise<JSONWebKeySet> {
  const text = (await find(table, "jwks"))?.["jwks"]?.S;
  const stored: unknown = text === undefined ? undefined : JSON.parse(text);
  return isKeySet(stored) ? stored : { keys: [] };
}

/** Whether each key in it is one is jose's to say. */
function isKeySet(value: unknown): value is JSONWebKeySet {
  return typeof value === "object" && value !== null && "keys" in value && Array.isArray(value.keys);
}

async function find(table: LookupTable, pk: string): Promise<Record<string, AttributeValue> | undefined> {
  const [client, { GetItemCommand }] = await Promise.all([table.client(), import("@aws-sdk/client-dynamodb")]);
  // A revocation must count at once.
  const { Item } = await client.send(new GetItemCommand({ TableName: table.name(), Key: { pk: { S: pk } }, ConsistentRead: true }));
  return Item;
}

async function put(table: LookupTable, item: Record<string, AttributeValue>): Promise<void> {
  const [client, { PutItemCommand }] = await Promise.all([table.client(), import("@aws-sdk/client-dynamodb")]);
  await client.send(new PutItemCommand({ TableName: table.name(), Item: item }));
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { handler } from "../../functions/auth/rotate-keys.ts";
import { createDynamoDb, type DynamoDb } from "../../local/aws/dynamodb.ts";
import { createAuthenticate } from "../../shared/auth/authenticate.ts";
import { readKeyRing } from "../../shared/auth/key-ring.ts";
import { findJwks, putJwks } from "../../shared/auth/lookups.ts";
import { openKeys } from "../../shared/auth/open-keys.ts";
import { signToken } from "../../shared/auth/token.ts";
import { setRequestHandler } from "../../shared/platform/aws/client-options.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";
import { createSecretsManager, rotate, rotationOrder, type SecretsManager } from "../aws/secrets-manager.ts";

/** What Secrets Manager made up when the secret was created. */
const RANDOM_TEXT = "gk$2:Qx7)nfW";
const SECRET = "jwt-keys";
const identity = { workspaceId: uuidv7(), userId: uuidv7(), sessionId: uuidv7(), scopes: ["runs:read"] };

let folder: string;
let dynamo: DynamoDb;
let secrets: SecretsManager;

setLogSink(() => undefined);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "cognition-rotation-"));
  dynamo = createDynamoDb(folder, [{ name: "lookups", partitionKey: "pk" }]);
  secrets = createSecretsManager({ [SECRET]: RANDOM_TEXT });
  setRequestHandler(secrets.handler, { dynamodb: () => dynamo.endpoint() });
  vi.stubEnv("LOOKUP_TABLE", "lookups");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  setRequestHandler(undefined);
  await dynamo.close();
  await rm(folder, { recursive: true, force: true });
});

const current = () => secrets.findValue(SECRET, "AWSCURRENT");
const publishedIds = async () => (await findJwks(lookupTable)).keys.map(({ kid }) => kid);
const idsOf = async (text: string | undefined) => (await readKeyRing(text)).published.map(({ kid }) => kid);
const turn = () => rotate(secrets, SECRET, handler);

/** By whatever the secret says now, as an instance of `auth` that has just begun. */
async function sign(): Promise<string> {
  const { signing } = await openKeys(lookupTable, { JWT_KEYS_SECRET: SECRET })();
  return (await signToken(signing, identity, uuidv7(), new Date())).token;
}

/** By an authorizer that has just begun. */
const isAccepted = async (token: string) => (await createAuthenticate(lookupTable)(`Bearer ${token}`, new Date())) !== undefined;

describe("a rotation of the keys", () => {
  test("begins anew where there are none: the first value of the secret is random text", async () => {
    await expect(sign()).rejects.toMatchObject({ code: "wrong-configuration", detail: expect.stringContaining("rotate it once") });
    await turn();

    expect(await idsOf(current())).toHaveLength(2);
    expect(await publishedIds()).toEqual(await idsOf(current()));
    expect(await isAccepted(await sign())).toBe(true);
  });

  test("leaves tokens good that were signed before it, and after two more they are not", async () => {
    await turn();
    const token = await sign();
    const outcomes: boolean[] = [];
    for (let rotation = 0; rotation < 3; rotation += 1) {
      outcomes.push(await isAccepted(token));
      await turn();
      expect(await isAccepted(await sign())).toBe(true);
    }

    expect(outcomes).toEqual([true, true, false]);
  });

  test("signs with a key that verifiers have known since the rotation before", async () => {
    await turn();
    for (let rotation = 0; rotation < 3; rotation += 1) {
      const known = await publishedIds();
      await turn();
      const { signing } = await readKeyRing(current());

      expect(known).toContain(signing.publicJwk.kid);
    }
  });

  test("leaves tokens good at each of its steps", async () => {
    await turn();
    await turn();
    const token = secrets.beginRotation(SECRET);
    for (const Step of rotationOrder) {
      const signed = await sign();
      await handler({ Step, SecretId: SECRET, ClientRequestToken: token });

      expect(await isAccepted(signed)).toBe(true);
    }
  });

  test("is the same when each step is called again, and again from the first", async () => {
    await turn();
    const before = await idsOf(current());
    const token = secrets.beginRotation(SECRET);
    const call = (Step: (typeof rotationOrder)[number]) => handler({ Step, SecretId: SECRET, ClientRequestToken: token });
    for (const step of rotationOrder.slice(0, 3)) await call(step);
    for (const step of rotationOrder) {
      await call(step);
      await call(step);
    }
    for (const step of rotationOrder) await call(step);

    const [signing, next, old] = await idsOf(current());
    expect([signing, old]).toEqual([before[1], before[0]]);
    expect(before).not.toContain(next);
    expect(await publishedIds()).toEqual([signing, next, old]);
  });

  test("is refused for a version that is not being made", async () => {
    const step = { Step: "createSecret", SecretId: SECRET, ClientRequestToken: "0123456789abcdef0123456789abcdef" } as const;

    await expect(handler(step)).rejects.toThrow("The version to rotate to is not pending");
    expect(current()).toBe(RANDOM_TEXT);
  });

  test("stops before the new keys sign when verifiers do not know them", async () => {
    await turn();
    const before = current();
    const token = secrets.beginRotation(SECRET);
    const call = (Step: (typeof rotationOrder)[number]) => handler({ Step, SecretId: SECRET, ClientRequestToken: token });
    await call("createSecret");
    await call("setSecret");
    await putJwks(lookupTable, []);

    await expect(call("testSecret")).rejects.toThrow("is not accepted");
    expect(current()).toBe(before);
  });
});

describe("an instance that signs", () => {
  test("reads the secret at its first token and again after five minutes, when it follows a rotation", async () => {
    let now = 0;
    await turn();
    const getKeys = openKeys(lookupTable, { JWT_KEYS_SECRET: SECRET }, () => now);
    const reads = secrets.reads();
    const [first] = await Promise.all([getKeys(), getKeys(), getKeys()]);
    const once = secrets.reads() - reads;
    await turn();
    now += 5 * 60_000;
    const same = await getKeys();
    now += 1;
    const second = await getKeys();

    expect([once, same]).toEqual([1, first]);
    expect(second.signing.publicJwk.kid).toBe(first.published[1]?.kid);
  });

  test("publishes its keys where a table lost them, and leaves alone what knows them", async () => {
    await turn();
    await putJwks(lookupTable, []);
    await sign();
    const ids = await publishedIds();
    await turn();
    const turned = await publishedIds();
    await sign();

    expect(ids).toHaveLength(2);
    expect(await publishedIds()).toEqual(turned);
  });

  test("looks again where there were no keys, without waiting", async () => {
    const getKeys = openKeys(lookupTable, { JWT_KEYS_SECRET: SECRET });
    await expect(getKeys()).rejects.toThrow("rotate it once");
    await turn();

    expect((await getKeys()).published).toHaveLength(2);
  });

  test("is refused when neither a secret nor a key is given", () => {
    expect(() => openKeys(lookupTable, {})).toThrow("Neither JWT_KEYS_SECRET nor JWT_PRIVATE_KEY is set");
  });
});

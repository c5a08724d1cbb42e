import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { importJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeApiKey } from "../../shared/auth/api-key.ts";
import { type Authenticate, createAuthenticate } from "../../shared/auth/authenticate.ts";
import { deleteApiKeyLookup, putApiKey, putJwks } from "../../shared/auth/lookups.ts";
import { generateSigningKey, readSigningKey, type SigningKey } from "../../shared/auth/signing-key.ts";
import { signToken } from "../../shared/auth/token.ts";
import type { LookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { openLookupTable } from "../lookup-table.ts";

const identity = {
  workspaceId: "0198c0de-0000-7000-8000-000000000001",
  userId: "0198c0de-0000-7000-8000-000000000002",
  scopes: ["runs:read", "runs:write"],
};
const sessionId = "0198c0de-0000-7000-8000-000000000003";
const now = new Date("2026-03-01T12:00:00Z");
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

let table: LookupTable;
let close: () => Promise<void>;
let key: SigningKey;
let authenticate: Authenticate;
let token: string;

beforeAll(async () => {
  ({ table, close } = await openLookupTable());
  key = await readSigningKey(await generateSigningKey());
  await putJwks(table, [key.publicJwk]);
  authenticate = createAuthenticate(table);
  ({ token } = await signToken(key, { ...identity, sessionId }, "0198c0de-0000-7000-8000-000000000004", now));
});
afterAll(() => close());

const claims = (changes: Record<string, unknown> = {}) => {
  const seconds = Math.floor(now.getTime() / 1000);
  return {
    iss: "cognition-os",
    aud: "cognition-os-api",
    sub: identity.userId,
    workspace_id: identity.workspaceId,
    scope: "runs:read",
    sid: sessionId,
    jti: "0198c0de-0000-7000-8000-000000000004",
    iat: seconds,
    exp: seconds + 3600,
    ...changes,
  };
};
const header = (changes: Record<string, unknown> = {}) => ({ alg: "ES256", typ: "at+jwt", kid: key.publicJwk.kid, ...changes });
const sign = (payload: object, head: object = header(), by: SigningKey["privateKey"] = key.privateKey) =>
  new SignJWT({ ...payload }).setProtectedHeader(head as { alg: string }).sign(by);
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const hmac = (head: object, payload: object, secret: string | Buffer) => {
  const text = `${part(head)}.${part(payload)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
};

describe("an access token", () => {
  test("that we signed is taken, whatever the case of the word Bearer", async () => {
    for (const word of ["Bearer", "bearer", "BEARER"]) {
      expect(await authenticate(`${word} ${token}`, now)).toEqual({ ...identity, sessionId });
    }
    // The control of all refusals below: the same claims, signed by the same code, are taken.
    expect(await authenticate(`Bearer ${await sign(claims())}`, now)).toMatchObject({ userId: identity.userId });
  });

  test("is taken until it expires and not after", async () => {
    expect(await authenticate(`Bearer ${token}`, later(59))).toBeDefined();
    expect(await authenticate(`Bearer ${token}`, later(61))).toBeUndefined();
  });

  test.each<[string, () => Promise<string>]>([
    ["signed by somebody else", async () => sign(claims(), header(), (await readSigningKey(await generateSigningKey())).privateKey)],
    [
      "signed by a key that it brings along",
      async () => {
        const own = await readSigningKey(await generateSigningKey());
        return sign(claims(), header({ jwk: own.publicJwk, kid: own.publicJwk.kid }), own.privateKey);
      },
    ],
    [
      "with another algorithm of its key's curve family",
      async () => {
        const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
        return sign(claims(), header({ alg: "ES384" }), await importJWK(privateKey.export({ format: "jwk" }), "ES384"));
      },
    ],
    ["without a signature and alg none", async () => `${part(header({ alg: "none" }))}.${part(claims())}.`],
    ["with alg None in other letters", async () => `${part(header({ alg: "nOnE" }))}.${part(claims())}.`],
    ["without a signature", async () => `${token.split(".").slice(0, 2).join(".")}.`],
    ["HMAC-signed with the public key", async () => hmac(header({ alg: "HS256" }), claims(), JSON.stringify(key.publicJwk))],
    ["HMAC-signed with nothing", async () => hmac(header({ alg: "HS256" }), claims(), "")],
    ["whose claims were changed", async () => token.replace(/\.[^.]+\./, `.${part(claims({ scope: "admin" }))}.`)],
    ["whose signature was changed", async () => `${token.slice(0, -4)}${token.endsWith("AAAA") ? "BBBB" : "AAAA"}`],
    ["that has expired", async () => sign(claims({ exp: now.getTime() / 1000 - 60 }))],
    ["that never expires", async () => sign(claims({ exp: undefined }))],
    ["whose expiry is a text", async () => `${part(header())}.${part(claims({ exp: "never" }))}.x`],
    ["that is not valid yet", async () => sign(claims({ nbf: now.getTime() / 1000 + 600 }))],
    ["of another issuer", async () => sign(claims({ iss: "https://evil.example" }))],
    ["without an issuer", async () => sign(claims({ iss: undefined }))],
    ["for somebody else", async () => sign(claims({ aud: "another-api" }))],
    ["for nobody", async () => sign(claims({ aud: undefined }))],
    ["of another kind", async () => sign(claims(), header({ typ: "refresh+jwt" }))],
    ["of no kind", async () => sign(claims(), header({ typ: undefined }))],
    ["without a person", async () => sign(claims({ sub: undefined }))],
    ["of a person who is no id", async () => sign(claims({ sub: "admin" }))],
    ["without a session", async () => sign(claims({ sid: undefined }))],
    ["without a workspace", async () => sign(claims({ workspace_id: undefined }))],
    ["whose workspace is a list", async () => sign(claims({ workspace_id: [identity.workspaceId] }))],
    ["whose scopes are a list", async () => sign(claims({ scope: ["admin"] }))],
    ["without an id of its own", async () => sign(claims({ jti: undefined }))],
    ["with a critical extension that nobody knows", async () => `${part(header({ crit: ["x"], x: 1 }))}.${part(claims())}.x`],
    ["that is longer than any of ours", async () => sign(claims({ padding: "x".repeat(5_000) }))],
  ])("%s is refused", async (_, forge) => {
    expect(await authenticate(`Bearer ${await forge()}`, now)).toBeUndefined();
  });

  test("of a revoked session is refused", async () => {
    const revoked = "0198c0de-0000-7000-8000-0000000000ff";
    const other = await signToken(key, { ...identity, sessionId: revoked }, "0198c0de-0000-7000-8000-000000000005", now);
    const client = await table.client();
    await client.send(new PutItemCommand({ TableName: table.name(), Item: { pk: { S: `rev#${revoked}` } } }));

    expect(await authenticate(`Bearer ${other.token}`, now)).toBeUndefined();
  });

  test("of a new key is taken soon after the key was published, and the old one's no more", async () => {
    const next = await readSigningKey(await generateSigningKey());
    const rotated = createAuthenticate(table);
    expect(await rotated(`Bearer ${token}`, now)).toBeDefined();

    await putJwks(table, [next.publicJwk]);
    const { token: nextToken } = await signToken(next, { ...identity, sessionId }, "0198c0de-0000-7000-8000-000000000006", now);
    const soon = new Date(now.getTime() + 11_000);

    expect(await rotated(`Bearer ${nextToken}`, soon)).toBeDefined();
    expect(await rotated(`Bearer ${token}`, soon)).toBeUndefined();
    await putJwks(table, [key.publicJwk]);
  });
});

describe("an API key", () => {
  const store = async (expiresAt?: Date) => {
    const made = makeApiKey();
    await putApiKey(table, { sha256: made.sha256, identity, expiresAt });
    return made;
  };

  test("is taken as what was stored for it", async () => {
    const { key: apiKey } = await store();

    expect(await authenticate(`Bearer ${apiKey}`, now)).toEqual(identity);
  });

  test("is refused once it is revoked, and from the moment it expires", async () => {
    const revoked = await store();
    const expiring = await store(later(1));
    await deleteApiKeyLookup(table, revoked.sha256);

    expect(await authenticate(`Bearer ${revoked.key}`, now)).toBeUndefined();
    expect(await authenticate(`Bearer ${expiring.key}`, now)).toBeDefined();
    expect(await authenticate(`Bearer ${expiring.key}`, later(1))).toBeUndefined();
  });

  test("that nobody made, or that is nearly one of ours, is refused", async () => {
    const { key: apiKey, sha256 } = await store();
    const near = `${apiKey.slice(0, -1)}${apiKey.endsWith("A") ? "B" : "A"}`;

    for (const text of [makeApiKey().key, near, apiKey.toUpperCase(), apiKey.slice(4), `${apiKey}x`, sha256, `cos_${sha256}`]) {
      expect(await authenticate(`Bearer ${text}`, now)).toBeUndefined();
    }
  });
});

describe("junk", () => {
  test.each<[string, string | undefined]>([
    ["nothing", undefined],
    ["an empty text", ""],
    ["a bare word", "Bearer"],
    ["another scheme", "Basic YWRtaW46YWRtaW4="],
    ["two credentials", "Bearer a b"],
    ["dots", "Bearer .."],
    ["a header alone", `Bearer ${Buffer.from("{}").toString("base64url")}`],
    ["a prototype's name as key id", `Bearer ${part({ alg: "ES256", typ: "at+jwt", kid: "__proto__" })}.e30.AAAA`],
    ["a control character", "Bearer a\nb"],
    ["a key of the table", "Bearer jwks"],
    [
      "random bytes",
      `Bearer ${randomBytes(60).toString("base64url")}.${randomBytes(60).toString("base64url")}.${randomBytes(64).toString("base64url")}`,
    ],
    ["a megabyte", `Bearer ${"a".repeat(1_000_000)}`],
  ])("such as %s is refused", async (_, text) => {
    expect(await authenticate(text, now)).toBeUndefined();
  });
});

test("a table that cannot be read is an error, not a refusal", async () => {
  const broken = createAuthenticate({ ...table, name: () => "no-such-table" });

  await expect(broken(`Bearer ${makeApiKey().key}`, now)).rejects.toThrow("resource not found");
});

import { Signer } from "@aws-sdk/rds-signer";
import { Sha256 } from "@smithy/core/checksum";
import { HttpRequest } from "@smithy/core/protocols";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { expect, test } from "vitest";
import { signCacheToken, signDatabaseToken } from "./connect-tokens.ts";

const word = (characters: string) => fc.string({ unit: fc.constantFrom(...Array.from(characters)), minLength: 1, maxLength: 40 });
const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";
/** Everything that a token of the security token service may hold, and the characters that are escaped by some and not by others. */
const ANY = `${LOWER}ABCDEFGHIJKLMNOPQRSTUVWXYZ+/=!'()*~._- %&?#:@,;"<>ä€😀`;

const Credentials = fc.record(
  { accessKeyId: word(`${LOWER}ABC`), secretAccessKey: word(ANY), sessionToken: word(ANY) },
  { requiredKeys: ["accessKeyId", "secretAccessKey"] },
);
const Caller = fc.record({ region: fc.constantFrom("us-east-1", "eu-central-1", "ap-southeast-2"), credentials: Credentials });
const Now = fc.date({ min: new Date("2020-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });

/** When a token says that it was signed; the SDK takes no time. */
function timeOf(token: string): Date {
  const [, year, month, day, hour, minute, second] = /X-Amz-Date=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(token) ?? [];
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

test("a token for the database is the one of the SDK's signer, whoever asks for whatever", async () => {
  const Address = fc.record({ host: word(`${LOWER}-.`), port: fc.integer({ min: 1, max: 65_535 }), user: word(ANY) });

  await fc.assert(
    fc.asyncProperty(Address, Caller, async (address, caller) => {
      const { host: hostname, port, user: username } = address;
      const theirs = await new Signer({ hostname, port, username, ...caller }).getAuthToken();

      expect(signDatabaseToken(address, caller, timeOf(theirs))).toBe(theirs);
    }),
    { numRuns: 300 },
  );
});

test("a token for a serverless cache is what the SDK signs, at any time", async () => {
  await fc.assert(
    fc.asyncProperty(word(`${LOWER}-`), word(ANY), Caller, Now, async (cache, user, { region, credentials }, now) => {
      const signer = new SignatureV4({ service: "elasticache", region, credentials, sha256: Sha256 });
      const query = { Action: "connect", User: user, ResourceType: "ServerlessCache" };
      const request = new HttpRequest({ method: "GET", protocol: "http:", hostname: cache, path: "/", query, headers: { host: cache } });
      const { query: signed = {} } = await signer.presign(request, { expiresIn: 900, signingDate: now });
      const [host, ours] = signCacheToken({ cache, user }, { region, credentials }, now).split("/?");

      expect(host).toBe(cache);
      expect(Object.fromEntries(new URLSearchParams(ours?.replaceAll("+", "%2B")))).toEqual(signed);
    }),
    { numRuns: 300 },
  );
});

test("a token holds no secret and ends after a quarter of an hour", () => {
  const caller = { region: "us-east-1", credentials: { accessKeyId: "AKID", secretAccessKey: "hidden" } };
  const token = signDatabaseToken({ host: "db.example", port: 5432, user: "cognition_http" }, caller, new Date("2026-01-02T03:04:05.678Z"));

  expect(token).toContain("db.example:5432/?Action=connect&DBUser=cognition_http&");
  expect(token).toContain("X-Amz-Date=20260102T030405Z&X-Amz-Expires=900&");
  expect(token).not.toContain("hidden");
});

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { setRequestHandler } from "../../shared/platform/aws/client-options.ts";
import { signDatabaseToken } from "../../shared/platform/aws/connect-tokens.ts";
import { findSecret } from "../../shared/platform/aws/secrets.ts";
import { openDatabase } from "../../shared/platform/db/database.ts";
import { createSecretsManager } from "../aws/secrets-manager.ts";
import { type Authority, createAuthority, createServerIdentity } from "./create-certificate.ts";
import { startPostgres } from "./start-postgres.ts";
import type { RunningServer } from "./start-server.ts";
import { unpackServices } from "./unpack-services.ts";

/** As on AWS: a server with TLS, its authority's certificate beside the function, and passwords that are tokens. */
let server: RunningServer;
let admin: pg.Client;
let authority: Authority;
let codeFolder: string;

const REGION = "eu-test-1";
const USER = "token_user";
const caller = { region: REGION, credentials: { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "session/+=" } };
const start = Date.parse("2026-01-01T00:00:00Z");

beforeAll(async () => {
  authority = createAuthority("Our RDS CA");
  server = await startPostgres(await unpackServices(() => undefined), {
    identity: createServerIdentity(authority, "localhost"),
  });
  admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  await admin.query(`CREATE ROLE ${USER} LOGIN`);
  codeFolder = await mkdtemp(path.join(tmpdir(), "cognition-code-"));
  await mkdir(path.join(codeFolder, "rds-ca"));
});
afterAll(async () => {
  await admin.end();
  await server.stop();
  await rm(codeFolder, { recursive: true, force: true });
});

beforeEach(async () => {
  vi.stubEnv("LAMBDA_TASK_ROOT", codeFolder);
  vi.stubEnv("AWS_REGION", REGION);
  vi.stubEnv("AWS_ACCESS_KEY_ID", caller.credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", caller.credentials.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", caller.credentials.sessionToken);
  await trust(authority.certificate);
});
afterEach(() => {
  vi.unstubAllEnvs();
  setRequestHandler(undefined);
});

const trust = (certificate: string) => writeFile(path.join(codeFolder, "rds-ca", `${REGION}.pem`), certificate);

function address(query: string, { user = USER, host = "localhost" } = {}): string {
  const { port, pathname } = new URL(server.url);
  return `postgres://${user === "" ? "" : `${user}@`}${host}:${port}${pathname}?${query}`;
}

/** The server knows one password of the user: the token of this moment. */
async function expectToken(at: number): Promise<void> {
  const port = Number(new URL(server.url).port);
  const token = signDatabaseToken({ host: "localhost", port, user: USER }, caller, new Date(at));
  await admin.query(`ALTER ROLE ${USER} PASSWORD '${token}'`);
}

async function whoAmI(url: string, now = () => start): Promise<unknown> {
  const database = await openDatabase(url, { now, findSecret: (id) => findSecret(id) });
  try {
    return await database.transact({ role: "owner" }, async (db) => {
      const text = "SELECT current_user AS name, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS encrypted";
      return (await db.query(text)).rows[0];
    });
  } finally {
    await database.close();
  }
}

describe("auth=iam", () => {
  test("logs in with a token of this moment, over TLS", async () => {
    await expectToken(start);

    expect(await whoAmI(address("auth=iam"))).toEqual({ name: USER, encrypted: true });
  });

  test("signs another token for each connection", async () => {
    let now = start;
    const database = await openDatabase(address("auth=iam"), { now: () => now });
    try {
      await expectToken(start);
      const first = await database.transact({ role: "owner" }, (db) => db.query("SELECT pg_backend_pid() AS pid"));
      now += 16 * 60_000;
      await expectToken(now);
      const second = await database.transact({ role: "owner" }, (db) => db.query("SELECT pg_backend_pid() AS pid"));

      expect(second.rows).not.toEqual(first.rows);
    } finally {
      await database.close();
    }
  });

  test("is refused, and not for the database's sleep, with a token that the server does not expect", async () => {
    await expectToken(start);

    await expect(whoAmI(address("auth=iam"), () => start + 1_000)).rejects.toMatchObject({
      code: "wrong-configuration",
      detail: "The database refuses this login",
    });
  });
});

describe("a server is not spoken to when it", () => {
  const distrust = { code: "wrong-configuration", detail: "What answers at the database's address does not prove to be the database" };

  test("is vouched for by nobody whom we trust", async () => {
    await trust(createAuthority("Our RDS CA").certificate);

    await expect(whoAmI(address("auth=iam"))).rejects.toMatchObject(distrust);
  });

  test("shows the certificate of another host", async () => {
    await expect(whoAmI(address("auth=iam", { host: "127.0.0.1" }))).rejects.toMatchObject({
      ...distrust,
      cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
  });

  test("speaks no TLS", async () => {
    const plain = new URL(process.env["DATABASE_URL"] ?? "");

    await expect(whoAmI(`postgres://${USER}@localhost:${plain.port}${plain.pathname}?auth=iam`)).rejects.toMatchObject(distrust);
  });

  test("is in a region whose certificates are not there", async () => {
    vi.stubEnv("AWS_REGION", "mars-north-1");

    await expect(whoAmI(address("auth=iam"))).rejects.toMatchObject({
      code: "wrong-configuration",
      detail: "There are no certificates of RDS for mars-north-1 beside this function",
    });
  });
});

describe("auth=secret", () => {
  const secret = "arn:aws:secretsmanager:eu-test-1:123456789012:secret:rds!cluster-1-AbCdEf";
  const ask = (query = `auth=secret&secret=${secret}`) => whoAmI(address(query, { user: "" }));

  test("logs in as whom the secret names, with its password, over TLS", async () => {
    const { username, password } = new URL(server.url);
    setRequestHandler(createSecretsManager({ [secret]: JSON.stringify({ username, password, engine: "postgres" }) }).handler);

    expect(await ask()).toEqual({ name: username, encrypted: true });
  });

  test.each([["no JSON"], ['{"username":"x"}']])("is refused without a word of what the secret holds: %s", async (value) => {
    setRequestHandler(createSecretsManager({ [secret]: value }).handler);

    const refusal = await ask().catch((error: unknown) => error);

    expect(refusal).toMatchObject({ detail: "The secret that DATABASE_URL names holds no JSON with username and password" });
    expect(refusal).not.toHaveProperty("cause");
  });

  test("is refused where nobody may read secrets", async () => {
    const opening = openDatabase(address(`auth=secret&secret=${secret}`, { user: "" }));

    await expect(opening).rejects.toThrow("which this function may not read");
  });

  test("is refused without the name of a secret", async () => {
    await expect(ask("auth=secret")).rejects.toMatchObject({ code: "wrong-configuration" });
  });
});

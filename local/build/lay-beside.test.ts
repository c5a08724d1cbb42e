import { X509Certificate } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { authoritiesByRegion, layBeside } from "./lay-beside.ts";

let root: string;
const folder = () => path.join(root, "dist/functions/some/function");

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "cognition-beside-"));
  await mkdir(folder(), { recursive: true });
  await mkdir(path.join(root, "migrations"));
  await writeFile(path.join(root, "migrations/0001_first.up.sql"), "SELECT 1");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const bundleOf = (...files: string[]) => ({
  inputs: Object.fromEntries(files.map((file) => [file, { bytes: 1, imports: [] }])),
  outputs: {},
});

describe("beside a bundle lie", () => {
  test("the migrations, for the function that applies them", async () => {
    await layBeside(root, "some/function", bundleOf("functions/orchestrator/migrate.ts"));

    expect(await readdir(folder())).toEqual(["migrations", "package.json"]);
    expect(await readdir(path.join(folder(), "migrations"))).toEqual(["0001_first.up.sql"]);
  });

  test("the certificates of RDS, for whoever connects to the database", async () => {
    await layBeside(root, "some/function", bundleOf("shared/platform/db/connect-options.ts"));

    expect(await readdir(folder())).toEqual(["package.json", "rds-ca"]);
    expect(await readdir(path.join(folder(), "rds-ca"))).toContain("us-east-1.pem");
  });

  test("neither for others", async () => {
    await layBeside(root, "some/function", bundleOf("functions/gateway/authorizer.ts"));

    expect(await readdir(folder())).toEqual(["package.json"]);
  });
});

describe("the certificates of a region", async () => {
  const regions = Object.entries(await authoritiesByRegion());

  test.each(regions)("%s are authorities of that region alone, and good for ten years", (region, text) => {
    const certificates = text.split(/(?<=-----END CERTIFICATE-----)\n/).filter((part) => part !== "");
    expect(certificates.length).toBeGreaterThan(0);
    for (const certificate of certificates.map((part) => new X509Certificate(part))) {
      expect(certificate.subject).toContain(`CN=Amazon RDS ${region} Root CA`);
      expect([certificate.ca, Date.parse(certificate.validTo) > Date.parse("2036-01-01")]).toEqual([true, true]);
    }
  });

  test("are there for the regions that people use most", () => {
    expect(regions.map(([region]) => region)).toEqual(
      expect.arrayContaining(["us-east-1", "us-east-2", "us-west-2", "eu-central-1", "eu-west-1", "ap-southeast-1", "ap-northeast-1"]),
    );
  });
});

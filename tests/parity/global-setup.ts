import { rm } from "node:fs/promises";
import path from "node:path";
import { bundleSandbox } from "../../local/bundle.mjs";
import { startServices } from "../services/start-services.ts";
import { copyBundles } from "./bundles.ts";
import { prepareTemplate } from "./database.ts";
import { migrateBundled } from "./migrate-bundled.ts";

/** What the world of COGNITION_WORLD needs: PostgreSQL, Redis and the built functions, for every test file; see `parity-setup.ts`. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["COGNITION_WORLD"] === "embedded") {
    await bundleSandbox();
    return undefined;
  }
  const node = process.env["PARITY_NODE"] ?? process.execPath;
  const bundles = await copyBundles(path.resolve(import.meta.dirname, "../.."));
  const services = await startServices((line) => process.stderr.write(`${line}\n`));
  const end = async () => {
    await services.stop();
    await rm(bundles, { recursive: true, force: true });
  };
  try {
    await prepareTemplate(services.databaseUrl, (ownerUrl) => migrateBundled(bundles, node, ownerUrl));
  } catch (error) {
    await end();
    throw error;
  }
  Object.assign(process.env, {
    COGNITION_WORLD: "bundles",
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    PARITY_BUNDLES: bundles,
    PARITY_NODE: node,
  });
  return end;
}

import { startServices } from "./start-services.ts";

/** Every test file finds the addresses in DATABASE_URL and REDIS_URL. */
export default async function setup(): Promise<() => Promise<void>> {
  const services = await startServices((line) => process.stderr.write(`${line}\n`));
  process.env["DATABASE_URL"] = services.databaseUrl;
  process.env["REDIS_URL"] = services.redisUrl;
  return services.stop;
}

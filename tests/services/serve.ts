import { once } from "node:events";
import { startServices } from "./start-services.ts";

/** Keeps the services of the tests running until it is interrupted, and prints where they are. */
export async function main(): Promise<number> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const services = await startServices(say);
  process.stdout.write(`DATABASE_URL=${services.databaseUrl}\nREDIS_URL=${services.redisUrl}\n`);
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await services.stop();
  return 0;
}

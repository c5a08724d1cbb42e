import { startPostgres } from "./start-postgres.ts";
import { startRedis } from "./start-redis.ts";
import type { RunningServer } from "./start-server.ts";
import { type Say, unpackServices } from "./unpack-services.ts";

export interface Services {
  /** Logs in as the owner of an empty database that may hold pgvector 0.8 or later. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  stop(): Promise<void>;
}

/** Uses DATABASE_URL and REDIS_URL where they are set; starts a server of its own for each that is not. */
export async function startServices(say: Say = () => undefined): Promise<Services> {
  const given = { databaseUrl: process.env["DATABASE_URL"], redisUrl: process.env["REDIS_URL"] };
  const started: RunningServer[] = [];
  const stop = async () => {
    await Promise.all(started.map(async (server) => await server.stop()));
  };
  try {
    const start = async (begin: typeof startPostgres | typeof startRedis) => {
      const server = await begin(await unpackServices(say));
      started.push(server);
      return server.url;
    };
    const databaseUrl = given.databaseUrl ?? (await start(startPostgres));
    const redisUrl = given.redisUrl ?? (await start(startRedis));
    return { databaseUrl, redisUrl, stop };
  } catch (error) {
    await stop();
    throw new Error(explain(error), { cause: error });
  }
}

function explain(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return [
    "The tests of real services found no services: nothing was tested.",
    "Set DATABASE_URL (a PostgreSQL with pgvector 0.8 or later) and REDIS_URL, or run on Debian 12 or later with its mirror in reach.",
    `Reason: ${reason}`,
  ].join("\n");
}

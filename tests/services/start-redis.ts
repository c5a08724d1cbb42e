import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { type RunningServer, startServer } from "./start-server.ts";
import type { UnpackedServices } from "./unpack-services.ts";

/** Starts an empty Redis that keeps nothing on disk. */
export async function startRedis({ redisServer, libraryPath }: UnpackedServices): Promise<RunningServer> {
  const password = randomBytes(16).toString("hex");
  return await startServer({
    name: "redis",
    stopSignal: "SIGTERM",
    async prepare(folder, port) {
      const place = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder];
      const args = [...place, "--requirepass", password, "--save", "", "--appendonly", "no"];
      return { program: { file: redisServer, args, libraryPath, folder }, url: `redis://:${password}@127.0.0.1:${port}` };
    },
    isReady: isAnswering,
  });
}

async function isAnswering(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

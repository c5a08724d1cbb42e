import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { createDataFolder, findFreePort, type RunningServer, startProcess, stopServer, waitUntilReady } from "./start-server.ts";
import type { UnpackedServices } from "./unpack-services.ts";

/** Starts an empty Redis that keeps nothing on disk. */
export async function startRedis({ redisServer, libraryPath }: UnpackedServices): Promise<RunningServer> {
  const folder = await createDataFolder("redis");
  const port = await findFreePort();
  const password = randomBytes(16).toString("hex");
  const args = [
    "--bind",
    "127.0.0.1",
    "--port",
    String(port),
    "--dir",
    folder,
    "--requirepass",
    password,
    "--save",
    "",
    "--appendonly",
    "no",
  ];
  const server = startProcess(redisServer, args, libraryPath, folder);
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const stop = async () => await stopServer(server.process, folder, "SIGTERM");
  try {
    await waitUntilReady(server, async () => await isAnswering(url));
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
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

import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { type RunningServer, type ServerIdentity, startServer, writeIdentity } from "./start-server.ts";
import type { UnpackedServices } from "./unpack-services.ts";

/** Starts an empty Redis that keeps nothing on disk. With an identity it speaks TLS alone. */
export async function startRedis({ redisServer, libraryPath }: UnpackedServices, identity?: ServerIdentity): Promise<RunningServer> {
  const password = randomBytes(16).toString("hex");
  return await startServer({
    name: "redis",
    stopSignal: "SIGTERM",
    async prepare(folder, port) {
      const place = ["--bind", "127.0.0.1", "--dir", folder, ...(await portArguments(folder, port, identity))];
      const args = [...place, "--requirepass", password, "--save", "", "--appendonly", "no"];
      return { program: { file: redisServer, args, libraryPath, folder }, url: addressOf(password, port, identity) };
    },
    isReady: (url) => isAnswering(url, identity),
  });
}

async function portArguments(folder: string, port: number, identity: ServerIdentity | undefined): Promise<string[]> {
  if (identity === undefined) return ["--port", String(port)];
  const { certificate, key } = await writeIdentity(folder, identity);
  const files = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate];
  return ["--port", "0", "--tls-port", String(port), ...files, "--tls-auth-clients", "no"];
}

function addressOf(password: string, port: number, identity: ServerIdentity | undefined): string {
  return identity === undefined ? `redis://:${password}@127.0.0.1:${port}` : `rediss://:${password}@localhost:${port}`;
}

async function isAnswering(url: string, identity: ServerIdentity | undefined): Promise<boolean> {
  // Whether it is who it says is not asked here.
  const tls = identity === undefined ? {} : { tls: { rejectUnauthorized: false } };
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, ...tls });
  client.on("error", () => undefined);
  try {
    return (await client.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

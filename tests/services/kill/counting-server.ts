import { once } from "node:events";
import { createServer } from "node:http";
import * as z from "zod";

/** Somebody's API that does what it is asked, each time it is asked, and counts by Idempotency-Key. It honours no key. */
export type CountingServer = { readonly url: string; readonly deliveries: ReadonlyMap<string, number>; close(): Promise<void> };

export async function openCountingServer(): Promise<CountingServer> {
  const deliveries = new Map<string, number>();
  const server = createServer((request, response) => {
    const key = String(request.headers["idempotency-key"]);
    deliveries.set(key, (deliveries.get(key) ?? 0) + 1);
    response.end("done");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    deliveries,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

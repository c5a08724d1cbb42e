import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export type TcpProxy = {
  /** The same address, through the proxy. */
  readonly url: string;
  /** Connections so far. */
  count(): number;
  /** Ends all connections at once, as a server does that has had enough of them; whoever holds one learns of it in the next turn of the loop. */
  cut(): void;
  close(): Promise<void>;
};

/** Stands between a client and a server, so that a test can end their connections. */
export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((client) => {
    count += 1;
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => open.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const url = new URL(target);
  url.host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const cut = () => open.forEach((socket) => socket.destroy());
  return {
    url: url.href,
    count: () => count,
    cut,
    async close() {
      cut();
      await once(server.close(), "close");
    },
  };
}

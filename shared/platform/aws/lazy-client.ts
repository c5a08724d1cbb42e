import { currentTransport } from "./client-options.ts";

/** Makes a client when it is first asked for, and again after the transport changed, so importing a module never loads the SDK. */
export function lazyClient<Client>(make: () => Promise<Client>): () => Promise<Client> {
  let made: { transport: object | undefined; client: Promise<Client> } | undefined;
  return () => {
    const transport = currentTransport();
    if (made === undefined || made.transport !== transport) made = { transport, client: make() };
    return made.client;
  };
}

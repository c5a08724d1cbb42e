import { randomUUID } from "node:crypto";
import type { DatabaseLogin } from "../../infra/stacks/data-resources.ts";
import { dropDatabase, onServer, withDatabase } from "../services/on-server.ts";

export type WorldDatabase = { url(login: DatabaseLogin): string; drop(): Promise<void> };

const TEMPLATE = "parity_template";
/** On a server that this machine alone reaches, and that ends with the tests. */
const PASSWORD = "parity";

/**
 * Makes the database that each world's is a copy of.
 * @param migrate given the owner's address of an empty database; makes its logins too, which have no password
 */
export async function prepareTemplate(serverUrl: string, migrate: (ownerUrl: string) => Promise<unknown>): Promise<void> {
  await onServer(serverUrl, async (server) => {
    await dropDatabase(server, TEMPLATE);
    await server.query(`CREATE DATABASE ${TEMPLATE}`);
    await migrate(withDatabase(serverUrl, TEMPLATE));
    for (const login of ["cognition_http", "cognition_engine"]) await server.query(`ALTER ROLE ${login} PASSWORD '${PASSWORD}'`);
  });
}

/** A migrated database for one world. */
export async function copyTemplate(serverUrl: string): Promise<WorldDatabase> {
  const name = `parity_${randomUUID().replaceAll("-", "")}`;
  await onServer(serverUrl, (server) => server.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`));
  return {
    url(login) {
      const url = new URL(withDatabase(serverUrl, name));
      if (login === "owner") return url.href;
      url.username = `cognition_${login}`;
      url.password = PASSWORD;
      return url.href;
    },
    drop: () => onServer(serverUrl, (server) => dropDatabase(server, name)),
  };
}

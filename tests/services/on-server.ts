import { setTimeout } from "node:timers/promises";
import pg from "pg";

/** The address of another database of the same server. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** Does something on a server by a connection of its own, such as making a database. */
export async function onServer<Result>(url: string, work: (server: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Drops a database, if it is there, and ends what is connected to it. A vacuum of the server's own may not be ended: it is waited for. */
export async function dropDatabase(server: pg.Client, name: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      return;
    } catch (error) {
      const isVacuumed = error instanceof pg.DatabaseError && error.code === "42501" && tries < 40;
      if (!isVacuumed) throw error;
      await setTimeout(250);
    }
  }
}

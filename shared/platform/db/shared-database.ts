import { type Database, type DatabaseOptions, openDatabase } from "./database.ts";

const open = new Map<string, Promise<Database>>();

/** The one database of this process for `url`: every function that runs in it shares its pool. A failed opening is tried anew. */
export function sharedDatabase(url: string, options?: DatabaseOptions): Promise<Database> {
  let database = open.get(url);
  if (database === undefined) {
    database = openDatabase(url, options);
    open.set(url, database);
    database.catch(() => open.delete(url));
  }
  return database;
}

/** Closes what `sharedDatabase` opened, for the end of a process that hosts functions itself. */
export async function closeSharedDatabases(): Promise<void> {
  const databases = [...open.values()];
  open.clear();
  await Promise.all(databases.map(async (database) => (await database).close()));
}

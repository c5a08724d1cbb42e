import * as z from "zod";
import type { Database } from "../../shared/platform/db/database.ts";
import { openTestDatabase } from "../database.ts";
import { createFreshDatabase } from "../services/fresh-database.ts";
import type { SimulationPlace } from "./create-simulation.ts";

/** Transactions at once on a real server. */
const CONNECTIONS = 4;

const Waiting = z.tuple([z.object({ waiting: z.int() })]);

/** A fresh database on the PostgreSQL of DATABASE_URL, where transactions wait for each other's locks. */
export async function openPostgresPlace(mostTasks: number): Promise<OpenPlace> {
  const fresh = await createFreshDatabase(CONNECTIONS);
  await makeSomeToolsOnce(fresh.owner);
  const countBlocked = async () => {
    const { rows } = await fresh.owner.transact({ role: "owner" }, (db) =>
      db.query("SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"),
    );
    return Waiting.parse(rows)[0].waiting;
  };
  return { database: fresh.database, connections: CONNECTIONS, mostTasks, countBlocked, close: fresh.drop };
}

export type OpenPlace = SimulationPlace & { readonly close: () => Promise<void> };

/** An embedded database for one seed after the other: one transaction at a time. */
export async function openEmbeddedPlace(mostTasks: number): Promise<OpenPlace> {
  const { database, close } = await openTestDatabase(makeSomeToolsOnce);
  return { database, connections: 1, mostTasks, countBlocked: async () => 0, close };
}

/** No tool of the product changes the world yet: here a part of all calls of tools is of the class that must happen once. */
async function makeSomeToolsOnce(owner: Database): Promise<void> {
  await owner.transact({ role: "owner" }, async (db) => {
    await db.query(`CREATE FUNCTION make_some_once() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.kind = 'tool' AND right(NEW.id::text, 1) < '6' THEN NEW.safety := 'once'; END IF;
        RETURN NEW;
      END $$`);
    await db.query("CREATE TRIGGER make_some_once BEFORE INSERT ON effects FOR EACH ROW EXECUTE FUNCTION make_some_once()");
  });
}

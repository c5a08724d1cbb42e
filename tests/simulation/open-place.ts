import type { Database } from "../../shared/platform/db/database.ts";
import { openTestDatabase } from "../database.ts";
import type { SimulationPlace } from "./create-simulation.ts";

export type OpenPlace = SimulationPlace & { readonly close: () => Promise<void> };

/** An embedded database for one seed after the other: one transaction at a time. */
export async function openEmbeddedPlace(mostTasks: number): Promise<OpenPlace> {
  const { database, close } = await openTestDatabase(makeSomeToolsOnce);
  return { database, connections: 1, mostTasks, close };
}

/** No tool of the product changes the world yet: here a part of all calls of tools is of the class that must happen once. */
export async function makeSomeToolsOnce(owner: Database): Promise<void> {
  await owner.transact({ role: "owner" }, async (db) => {
    await db.query(`CREATE FUNCTION make_some_once() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.kind = 'tool' AND right(NEW.id::text, 1) < '6' THEN NEW.safety := 'once'; END IF;
        RETURN NEW;
      END $$`);
    await db.query("CREATE TRIGGER make_some_once BEFORE INSERT ON effects FOR EACH ROW EXECUTE FUNCTION make_some_once()");
  });
}

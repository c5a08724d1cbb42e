import type { Database } from "../../../shared/platform/db/database.ts";

/** No tool of the product changes the world yet: in this database every call of a tool does, and must happen once. */
export async function makeToolsOnce(owner: Database): Promise<void> {
  await owner.transact({ role: "owner" }, async (db) => {
    await db.query("CREATE FUNCTION make_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.safety = 'once'; RETURN NEW; END $$");
    await db.query("CREATE TRIGGER make_once BEFORE INSERT ON effects FOR EACH ROW WHEN (NEW.kind = 'tool') EXECUTE FUNCTION make_once()");
  });
}

import type { Queryable } from "../platform/db/database.ts";
import type { SeedTool } from "./seed-tools.ts";

/** Writes the tools of the product: new ones are added, known ones take today's description and switch. Runs as the owner. */
export async function upsertTools(db: Queryable, tools: readonly SeedTool[], newId: () => string): Promise<void> {
  await db.query(
    `INSERT INTO tools (id, name, type, description, parameters_schema, is_enabled, timeout_seconds)
    SELECT id, name, type, description, parameters, is_enabled, timeout_seconds
    FROM jsonb_to_recordset($1::jsonb) AS t (id uuid, name text, type tool_type, description text, parameters jsonb, is_enabled boolean, timeout_seconds int)
    ON CONFLICT (name) DO UPDATE SET type = EXCLUDED.type, description = EXCLUDED.description, parameters_schema = EXCLUDED.parameters_schema,
      is_enabled = EXCLUDED.is_enabled, timeout_seconds = EXCLUDED.timeout_seconds`,
    [JSON.stringify(tools.map((tool) => ({ ...tool, id: newId() })))],
  );
}

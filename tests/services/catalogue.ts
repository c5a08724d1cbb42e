import * as z from "zod";
import type { Database } from "../../shared/platform/db/database.ts";

/** Every table of the schema, with what guards it. `inserted`: the columns that a statement may write. */
export async function readTables(owner: Database) {
  const Table = z.object({
    name: z.string(),
    isTenant: z.boolean(),
    isForced: z.boolean(),
    policies: z.int(),
    inserted: z.array(z.string()),
  });
  return ask(
    owner,
    Table,
    `SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS "isForced",
      (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
      EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id') AS "isTenant",
      ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS inserted
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
  );
}

/** Functions that are ours, with who may call them and whose rights they run with. */
export async function readFunctions(owner: Database) {
  return ask(
    owner,
    z.object({ name: z.string(), isDefiner: z.boolean(), owner: z.string(), callers: z.array(z.string()) }),
    `SELECT p.proname AS name, p.prosecdef AS "isDefiner", pg_get_userbyid(p.proowner) AS owner,
      ARRAY(SELECT r FROM unnest(ARRAY['app', 'engine', 'gatekeeper']) r WHERE has_function_privilege(r, p.oid, 'EXECUTE')) AS callers
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1`,
  );
}

/** What a role may do with each table, of SELECT, INSERT, UPDATE, DELETE and TRUNCATE; tables it may do nothing with are absent. */
export async function readGrants(owner: Database, role: string): Promise<Record<string, string>> {
  const rows = await ask(
    owner,
    z.object({ name: z.string(), rights: z.string() }),
    `SELECT c.relname AS name, string_agg(r, ' ' ORDER BY place) AS rights
    FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) WITH ORDINALITY AS given (r, place)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
      AND (has_table_privilege($1, c.oid, r) OR (r NOT IN ('DELETE', 'TRUNCATE') AND has_any_column_privilege($1, c.oid, r)))
    GROUP BY c.relname ORDER BY 1`,
    [role],
  );
  return Object.fromEntries(rows.map(({ name, rights }) => [name, rights]));
}

/** Everything in the catalogue that migrations make, as sorted lines: two databases with the same lines were made alike. */
export async function describeSchema(owner: Database): Promise<string[]> {
  const rows = await ask(owner, z.object({ line: z.string() }), SCHEMA);
  return rows.map(({ line }) => line);
}

const SCHEMA = `
  SELECT format('extension %s', extname) AS line FROM pg_extension
  UNION ALL SELECT format('type %s %s', t.typname, (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))
    FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype = 'e'
  UNION ALL SELECT format('relation %s %s rls=%s forced=%s options=%s grants=%s', c.relkind, c.relname, c.relrowsecurity, c.relforcerowsecurity,
      c.reloptions, (SELECT string_agg(g, ',' ORDER BY g) FROM unnest(c.relacl::text[]) g))
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT format('column %s.%s %s %s null=%s default=%s', c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
      pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL SELECT format('policy %s %s %s to %s using %s check %s', polrelid::regclass, polname, polcmd, polroles::regrole[],
      pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
  UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT format('function %s %s grants=%s', pg_get_functiondef(p.oid), p.proowner::regrole, p.proacl) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  UNION ALL SELECT format('schema %s', (SELECT string_agg(g, ',' ORDER BY g) FROM unnest(nspacl::text[]) g)) FROM pg_namespace WHERE nspname = 'public'
  ORDER BY line`;

async function ask<Row>(owner: Database, schema: z.ZodType<Row>, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  return owner.transact({ role: "owner" }, async (db) => z.array(schema).parse((await db.query(text, values)).rows));
}

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { recallMemories } from "../../shared/memory/recall-memories.ts";
import { type Actor, openDatabase, type Queryable } from "../../shared/platform/db/database.ts";
import { readFunctions, readGrants, readTables } from "./catalogue.ts";
import { type FilledWorkspace, fillWorkspace } from "./filled-workspace.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
let tables: Awaited<ReturnType<typeof readTables>>;
let tenantTables: typeof tables;
let one: FilledWorkspace;
let other: FilledWorkspace;

beforeAll(async () => {
  fresh = await createFreshDatabase(5);
  tables = await readTables(fresh.owner);
  tenantTables = tables.filter((table) => table.isTenant);
  one = await fillWorkspace(fresh.database);
  other = await fillWorkspace(fresh.database);
});
afterAll(() => fresh.drop());

const as = <Result>(actor: Actor, work: (db: Queryable) => Promise<Result>) => fresh.database.transact(actor, work);
/** The owner of the tables is held by their policies too, but no role's grants. */
const asOwnerOf = <Result>(actor: FilledWorkspace["actor"], work: (db: Queryable) => Promise<Result>) =>
  fresh.owner.transact({ role: "owner" }, async (db) => {
    await db.query("SELECT set_config('app.workspace_id', $1, true), set_config('app.user_id', $2, true)", [
      actor.workspaceId,
      actor.userId,
    ]);
    return work(db);
  });
const Count = z.tuple([z.object({ count: z.int() })]);
const count = async (db: Queryable, table: string, workspaceId: string) =>
  Count.parse((await db.query(`SELECT count(*)::int FROM ${table} WHERE workspace_id = $1`, [workspaceId])).rows)[0].count;
/** The code that the server refused with, or how many rows it touched. */
const attempt = async (actor: Actor, work: (db: Queryable) => Promise<{ rowCount: number }>): Promise<string | number> =>
  as(actor, work).then(
    ({ rowCount }) => rowCount,
    (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : String(error)),
  );
const REFUSED = "42501";

describe("every table of a tenant", () => {
  test("is forced under row-level security, with a policy", () => {
    expect(tenantTables.length).toBeGreaterThan(20);
    expect(tenantTables.filter((table) => !table.isForced || table.policies === 0).map((table) => table.name)).toEqual([]);
  });

  test("is one of all but four", () => {
    expect(tables.filter((table) => !table.isTenant).map((table) => table.name)).toEqual([
      "schema_migrations",
      "tools",
      "users",
      "workspaces",
    ]);
  });

  test("has rows of both workspaces here, or nothing below is proved of it", async () => {
    const empty: string[] = [];
    for (const { actor } of [one, other]) {
      await asOwnerOf(actor, async (db) => {
        for (const { name } of tenantTables) if ((await count(db, name, actor.workspaceId)) === 0) empty.push(name);
      });
    }

    expect(empty).toEqual([]);
  });
});

describe("within a workspace", () => {
  test("all of one's own is seen, and nothing of another", async () => {
    const seen = await as(one.actor, async (db) => {
      const found: Record<string, [own: boolean, others: number]> = {};
      for (const { name } of tenantTables)
        found[name] = [(await count(db, name, one.actor.workspaceId)) > 0, await count(db, name, other.actor.workspaceId)];
      return found;
    });

    expect(seen).toEqual(Object.fromEntries(tenantTables.map(({ name }) => [name, [true, 0]])));
  });

  test("the assignments are those of one's own attempts, and writing them changes nothing", async () => {
    const seen = await as(one.actor, async (db) => {
      const counts = [
        await count(db, "agent_task_assignments", one.actor.workspaceId),
        await count(db, "task_attempts", one.actor.workspaceId),
      ];
      return [counts[0] === counts[1], await count(db, "agent_task_assignments", other.actor.workspaceId)];
    });
    const words = "SELECT agent_id, task_id, completed_at, result::text AS result FROM agent_task_assignments ORDER BY id";
    const before = await as(one.actor, async (db) => (await db.query(words)).rows);

    // As code did before they were attempts, which goes on while functions are deployed.
    const written = await attempt({ role: "engine" }, (db) =>
      db.query(`INSERT INTO agent_task_assignments (id, workspace_id, agent_id, task_id, attempt_id, assigned_at)
        SELECT gen_random_uuid(), workspace_id, agent_id, task_id, attempt_id, assigned_at FROM agent_task_assignments`),
    );
    const changed = await attempt({ role: "engine" }, (db) =>
      db.query("UPDATE agent_task_assignments SET result = '{}', completed_at = now()"),
    );

    expect([seen, written, changed]).toEqual([[true, 0], 0, 0]);
    expect(await as(one.actor, async (db) => (await db.query(words)).rows)).toEqual(before);
    expect(before.length).toBeGreaterThan(0);
  });

  test("nothing of another can be changed or deleted", async () => {
    const outcomes: Record<string, (string | number)[]> = {};
    for (const { name } of tenantTables) {
      const where = "WHERE workspace_id = $1";
      outcomes[name] = [
        await attempt(one.actor, (db) => db.query(`UPDATE ${name} SET workspace_id = workspace_id ${where}`, [other.actor.workspaceId])),
        await attempt(one.actor, (db) => db.query(`DELETE FROM ${name} ${where}`, [other.actor.workspaceId])),
      ];
    }

    expect(Object.entries(outcomes).filter(([, [updated, deleted]]) => !isNothing(updated) || !isNothing(deleted))).toEqual([]);
  });

  test("nothing can be put into another, and nothing of one's own handed over", async () => {
    const outcomes: [string, string | number, string | number][] = [];
    for (const { name, inserted } of tenantTables) {
      const foreign = await asOwnerOf(other.actor, async (db) => {
        const { rows } = await db.query(`SELECT to_jsonb(t)::text AS row FROM ${name} t WHERE workspace_id = $1 LIMIT 1`, [
          other.actor.workspaceId,
        ]);
        return z.tuple([z.object({ row: z.string() })]).parse(rows)[0].row;
      });
      outcomes.push([
        name,
        await attempt(one.actor, (db) =>
          db.query(
            `INSERT INTO ${name} (${inserted.join(", ")}) SELECT ${inserted.join(", ")} FROM jsonb_populate_record(NULL::${name}, $1::jsonb)`,
            [foreign],
          ),
        ),
        await attempt(one.actor, (db) =>
          db.query(`UPDATE ${name} SET workspace_id = $2 WHERE workspace_id = $1`, [one.actor.workspaceId, other.actor.workspaceId]),
        ),
      ]);
    }

    expect(outcomes).toEqual(tenantTables.map(({ name }) => [name, REFUSED, REFUSED]));
  });

  test("nobody else's account and no other workspace is seen or changed", async () => {
    const { rows } = await as(one.actor, (db) => db.query("SELECT u.id FROM users u UNION SELECT w.id FROM workspaces w"));
    const id = other.actor.userId;

    expect(rows).toEqual([{ id: one.actor.userId }]);
    expect(await attempt(one.actor, (db) => db.query("UPDATE users SET is_active = false WHERE id = $1", [id]))).toBe(0);
    expect(await attempt(one.actor, (db) => db.query("UPDATE workspaces SET name = 'taken' WHERE id = $1", [id]))).toBe(0);
  });

  test("another person's sessions stay that person's", async () => {
    const guest = { ...one.actor, userId: other.actor.userId };

    expect(await as(guest, (db) => count(db, "sessions", one.actor.workspaceId))).toBe(0);
  });
});

/** Zero rows, or no right to try. */
const isNothing = (outcome: string | number | undefined) => outcome === 0 || outcome === REFUSED;

describe("a pooled connection", () => {
  const whoAmI = `SELECT current_user::text AS role, NULLIF(current_setting('app.workspace_id', true), '') AS workspace,
    NULLIF(current_setting('app.user_id', true), '') AS person, pg_backend_pid() AS pid`;
  const Self = z.tuple([z.object({ role: z.string(), workspace: z.string().nullable(), person: z.string().nullable(), pid: z.int() })]);
  const lookAt = async (db: Queryable) => Self.parse((await db.query(whoAmI)).rows)[0];

  test("forgets who used it, after a commit as after a failure", async () => {
    const single = await openDatabase(fresh.url, { poolSize: 1 });
    try {
      const first = await single.transact(one.actor, lookAt);
      await expect(single.transact(one.actor, (db) => db.query("SELECT 1 / 0"))).rejects.toThrow("division by zero");
      const engine = await single.transact({ role: "engine" }, lookAt);
      const nobody = await single.transact({ role: "owner" }, lookAt);

      expect(first).toMatchObject({ role: "app", workspace: one.actor.workspaceId, person: one.actor.userId });
      expect(engine).toEqual({ role: "engine", workspace: null, person: null, pid: first.pid });
      expect(nobody).toMatchObject({ workspace: null, person: null, pid: first.pid });
    } finally {
      await single.close();
    }
  });

  test("that was given no role sees nothing at all", async () => {
    const refused = await attempt({ role: "owner" }, (db) => db.query("SELECT * FROM runs"));

    expect(refused).toBe(REFUSED);
  });

  test("shows each of two workspaces and the engine their own, however they alternate on it", async () => {
    const actors: Actor[] = [one.actor, other.actor, { role: "engine" }, { role: "engine", workspaceId: one.actor.workspaceId }];
    const look = async (actor: Actor) =>
      as(actor, async (db) => {
        const { pid } = await lookAt(db);
        const { rows } = await db.query("SELECT DISTINCT workspace_id FROM runs UNION ALL SELECT DISTINCT workspace_id FROM memories");
        const seen = z.array(z.object({ workspace_id: z.uuid() })).parse(rows);
        return { pid, seen: seen.map((row) => row.workspace_id).toSorted() };
      });
    const rounds = Array.from({ length: 200 }, (_, index) => actors[(index * 7 + (index >> 2)) % actors.length] ?? one.actor);
    const looks = await Promise.all(rounds.map(look));

    const [a, b] = [one.actor.workspaceId, other.actor.workspaceId];
    const expected = new Map<Actor | undefined, string[]>([
      [actors[0], [a, a]],
      [actors[1], [b, b]],
      // Runs of all, memories of nobody; then memories of the one workspace that was named.
      [actors[2], [a, b].toSorted()],
      [actors[3], [a, a, b].toSorted()],
    ]);
    expect(looks.map(({ seen }) => seen)).toEqual(rounds.map((actor) => expected.get(actor)));
    expect(new Set(looks.map(({ pid }) => pid)).size).toBeGreaterThan(1);
  });
});

describe("the engine", () => {
  test("recalls the memories of the workspace that is set and of no other, whatever it asks for", async () => {
    const recall = (set: string | undefined, asked: string) =>
      as(set === undefined ? { role: "engine" } : { role: "engine", workspaceId: set }, (db) =>
        recallMemories(db, { workspaceId: asked, query: "fill every table", limit: 10, now: new Date() }),
      );
    const [a, b] = [one.actor.workspaceId, other.actor.workspaceId];

    expect(await recall(a, a)).toHaveLength(1);
    expect(await recall(a, b)).toEqual([]);
    expect(await recall(undefined, a)).toEqual([]);
  });

  test("may do this, and nothing with people, sessions, keys and conversations", async () => {
    expect(await readGrants(fresh.owner, "engine")).toEqual({
      agent_task_assignments: "SELECT INSERT UPDATE",
      agents: "SELECT UPDATE",
      approval_settings: "SELECT",
      budget_holds: "SELECT INSERT UPDATE",
      budgets: "SELECT INSERT UPDATE",
      check_outcomes: "SELECT INSERT",
      effects: "SELECT INSERT UPDATE",
      inbox_items: "SELECT INSERT UPDATE",
      llm_usage: "SELECT INSERT",
      memories: "SELECT INSERT",
      payloads: "SELECT INSERT UPDATE",
      review_verdicts: "SELECT INSERT",
      run_events: "SELECT INSERT",
      runs: "SELECT INSERT UPDATE",
      task_attempts: "SELECT INSERT UPDATE",
      task_dependencies: "SELECT INSERT",
      task_execution_logs: "SELECT INSERT",
      tasks: "SELECT INSERT UPDATE",
      tool_executions: "SELECT INSERT",
      tools: "SELECT",
    });
  });

  test("writes no memory but an episode", async () => {
    const insert = (type: string) =>
      attempt({ role: "engine" }, (db) =>
        db.query(
          "INSERT INTO memories (id, workspace_id, user_id, content, memory_type) VALUES (gen_random_uuid(), $1, $1, 'planted', $2)",
          [other.actor.workspaceId, type],
        ),
      );

    expect(await insert("long_term")).toBe(REFUSED);
  });
});

describe("roles", () => {
  test("are nobody's superuser and pass no policy by", async () => {
    const { rows } = await fresh.owner.transact({ role: "owner" }, (db) =>
      db.query(`SELECT rolname FROM pg_roles WHERE (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)
        AND (rolname IN ('app', 'engine', 'gatekeeper') OR rolname = '${new URL(fresh.url).username}')`),
    );

    expect(rows).toEqual([]);
  });

  test("are not each other", async () => {
    const { rows } = await fresh.owner.transact({ role: "owner" }, (db) =>
      db.query(`SELECT a.rolname AS role, b.rolname AS also FROM pg_roles a, pg_roles b
        WHERE a.rolname IN ('app', 'engine', 'gatekeeper') AND a.oid <> b.oid AND pg_has_role(a.oid, b.oid, 'MEMBER')`),
    );

    expect(rows).toEqual([]);
  });

  test("may create nothing in the schema", async () => {
    const { rows } = await fresh.owner.transact({ role: "owner" }, (db) =>
      db.query(`SELECT r FROM unnest(ARRAY['app', 'engine', 'gatekeeper']) r WHERE has_schema_privilege(r, 'public', 'CREATE')`),
    );

    expect(rows).toEqual([]);
  });

  test("call what was meant for them; three functions look past a workspace, by the gatekeeper's rights", async () => {
    const everybody = ["app", "engine", "gatekeeper"];
    const owner = new URL(fresh.ownerUrl).username;

    expect(await readFunctions(fresh.owner)).toEqual([
      { name: "current_person", isDefiner: false, owner, callers: everybody },
      { name: "current_workspace", isDefiner: false, owner, callers: everybody },
      { name: "find_login", isDefiner: true, owner: "gatekeeper", callers: ["app", "gatekeeper"] },
      { name: "is_anybody_registered", isDefiner: true, owner: "gatekeeper", callers: ["app", "gatekeeper"] },
      { name: "is_login_taken", isDefiner: true, owner: "gatekeeper", callers: ["app", "gatekeeper"] },
      // The second has no day: code before there were days calls it while a deployment goes on.
      { name: "lock_batch", isDefiner: false, owner, callers: ["app", "engine"] },
      { name: "lock_batch", isDefiner: false, owner, callers: ["app", "engine"] },
      { name: "read_locked_agents", isDefiner: false, owner, callers: ["app", "engine"] },
      { name: "touch_updated_at", isDefiner: false, owner, callers: everybody },
      // Called by whoever writes an assignment, as code before they were attempts does while a deployment goes on.
      { name: "write_nothing", isDefiner: false, owner, callers: everybody },
    ]);
  });

  test("of the gatekeeper reads accounts and nothing else", async () => {
    expect(await readGrants(fresh.owner, "gatekeeper")).toEqual({ users: "SELECT" });
  });
});

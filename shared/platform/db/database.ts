import { createHash } from "node:crypto";
import pg from "pg";
import * as z from "zod";
import { readConnectSeconds } from "../config/env.ts";
import { connectOptions, type LoginSources } from "./connect-options.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { openTransaction, type Transaction } from "./transaction.ts";

/** What SQL functions get: one connection inside one transaction. Rows are unknown until their schema has parsed them. */
export interface Queryable {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[]; rowCount: number }>;
  /**
   * Sends the last statement of the transaction, whose answer nobody needs: the commit goes out behind it, and fails if it does. Absent where
   * somebody looks at a transaction before it is committed.
   */
  finish?(text: string, values: readonly unknown[]): void;
}

/**
 * Who a transaction runs as. `app` sees one workspace; `engine` sees the orchestration tables of all, and the memories of
 * `workspaceId` when it is given; `owner` is whoever the connection logged in as, for migrations and tests.
 */
export type Actor = { role: "app"; workspaceId: string; userId: string } | { role: "engine"; workspaceId?: string } | { role: "owner" };

export interface Database {
  /** Runs `work` in one transaction as `actor`; commits when it resolves, rolls back when it throws. */
  transact<Result>(actor: Actor, work: (db: Queryable) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export type DatabaseOptions = {
  /** Connections in the pool; PGlite always has one. */
  poolSize?: number;
  /** Opens the embedded database as its superuser, who ignores row-level security: for migrations. */
  asOwner?: boolean;
  /** Milliseconds to wait for a connection; DATABASE_CONNECT_SECONDS when absent. */
  connectTimeout?: number;
  /** Milliseconds of the wall clock. */
  now?: () => number;
  /** For an address with `auth=secret`. */
  findSecret?: LoginSources["findSecret"];
};

const Uuid = z.uuid();

/** Opens `postgres://…` as `connectOptions` says, or `pglite:<folder>` for the embedded database, which is loaded only then. */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  if (url.startsWith("pglite:")) {
    const { openPglite } = await import("./pglite/open.ts");
    const embedded = await openPglite(url.slice("pglite:".length), { asOwner: options.asOwner === true });
    const pool = new pg.Pool({
      stream: embedded.connect,
      max: 1,
      connectionTimeoutMillis: 60_000,
      idleTimeoutMillis: 0,
      user: "cognition",
    });
    return pooledDatabase(createSessions(pool, { keptMilliseconds: Number.POSITIVE_INFINITY }), embedded.close);
  }
  const { connectTimeout = readConnectSeconds() * 1_000, poolSize = 1, now = Date.now, findSecret } = options;
  const pool = new pg.Pool({
    ...(await connectOptions(url, { now: () => new Date(now()), findSecret })),
    max: poolSize,
    pipeline: true,
    connectionTimeoutMillis: connectTimeout,
    idleTimeoutMillis: KEPT_MILLISECONDS,
    keepAlive: true,
  });
  return pooledDatabase(createSessions(pool, { keptMilliseconds: KEPT_MILLISECONDS, now }));
}

/** The server ends idle sessions after three minutes; one that was unused for two is not worth trusting. */
const KEPT_MILLISECONDS = 120_000;

function pooledDatabase(sessions: Sessions, afterClose?: () => Promise<void>): Database {
  return {
    async transact(actor, work) {
      const transaction = openTransaction(sessions, beginAs(actor));
      try {
        const result = await work(queryable(transaction));
        await transaction.commit();
        return result;
      } catch (error) {
        await transaction.rollBack();
        throw error;
      }
    },
    async close() {
      await sessions.close();
      await afterClose?.();
    },
  };
}

/**
 * The engine's statements look up rows by id, a batch at a time. On tables that grow faster than they are analysed the planner takes them
 * for small and reads them whole, or joins them whole by hash, and keeps that plan: so it may only follow indexes, and plans a statement once.
 */
const ENGINE_PLANS = ["enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material", "jit"]
  .map((name) => `SET LOCAL ${name} = off`)
  .concat("SET LOCAL plan_cache_mode = force_generic_plan");

/** One round trip. The ids are checked to be UUIDs, so they may stand in the text: SET takes no parameters. */
function beginAs(actor: Actor): string {
  if (actor.role === "owner") return "BEGIN";
  const settings = [`BEGIN; SET LOCAL ROLE ${actor.role}`];
  if (actor.role === "engine") settings.push(...ENGINE_PLANS);
  if (actor.workspaceId !== undefined) settings.push(`SET LOCAL app.workspace_id = '${Uuid.parse(actor.workspaceId)}'`);
  if (actor.role === "app") settings.push(`SET LOCAL app.user_id = '${Uuid.parse(actor.userId)}'`);
  return settings.join("; ");
}

/** Statements with parameters are named by their text: the server plans each once a connection. Planning costs more than running. */
function queryable(transaction: Transaction): Queryable {
  return {
    async query(text, values) {
      const result =
        values === undefined
          ? await transaction.query(text)
          : await transaction.query({ name: statementName(text), text, values: [...values] });
      return { rows: result.rows, rowCount: result.rowCount ?? 0 };
    },
    finish(text, values) {
      transaction.finish({ name: statementName(text), text, values: [...values] });
    },
  };
}

const names = new Map<string, string>();

function statementName(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash("sha1").update(text).digest("hex");
    names.set(text, name);
  }
  return name;
}

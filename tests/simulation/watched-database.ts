import * as z from "zod";
import type { Database, Queryable } from "../../shared/platform/db/database.ts";
import { AppError } from "../../shared/platform/errors.ts";
import type { Fault } from "./faults.ts";
import { type Worker, WorkerKilled } from "./scheduler.ts";
import { goesWrong, type OpenTransaction, type Simulation, type Statement, say } from "./simulation.ts";
import { checkClaim, checkCommit, keepClaims, noteReading, type Readings } from "./watch-commits.ts";

/**
 * The database as one worker has it. Before each statement, before each commit and after it others may go first, and the worker may die:
 * then its transaction is rolled back, and nothing of what it would still do happens. What it commits is checked within its transaction.
 */
export function watchDatabase(simulation: Simulation, worker: Worker, fault: Fault): Database {
  const { scheduler, database, connections } = simulation;
  const journals: Readings["journals"] = new Map();
  const pause = async (point: string) => {
    // With one connection nobody else could do anything meanwhile.
    if (connections > 1 || point === "committed") await scheduler.waitForTurn(worker, point);
    mayDie(simulation, worker, fault, point);
  };
  return {
    close: () => database.close(),
    async transact(actor, work) {
      const readings: Readings = { worker, journals, locked: undefined, hasLockedRun: false, claims: [] };
      await scheduler.waitForTurn(worker, "begin", () => simulation.openTransactions.size < connections);
      mayDie(simulation, worker, fault, "begin");
      const open: OpenTransaction = { worker, sent: [] };
      simulation.openTransactions.add(open);
      scheduler.begin(worker);
      const result = await database
        .transact(actor, async (db) => {
          scheduler.end(worker);
          try {
            const done = await work(watchStatements(simulation, db, readings, open, pause));
            await checkCommit(simulation, db, readings);
            await pause("before the commit");
            return done;
          } finally {
            scheduler.begin(worker);
          }
        })
        .catch((error: unknown) => {
          noteError(simulation, error);
          throw error;
        })
        .finally(() => {
          scheduler.end(worker);
          simulation.openTransactions.delete(open);
        });
      keepClaims(simulation, readings);
      simulation.looks.commits += 1;
      await pause("committed");
      return result;
    },
  };
}

function watchStatements(
  simulation: Simulation,
  db: Queryable,
  readings: Readings,
  open: OpenTransaction,
  pause: (point: string) => Promise<void>,
): Queryable {
  return {
    async query(text, values) {
      await pause("statement");
      const still = new Map(simulation.still);
      open.sent.push({ text, values });
      simulation.scheduler.begin(readings.worker);
      const { rows, rowCount } = await db.query(text, values).finally(() => simulation.scheduler.end(readings.worker));
      const ordered = hasOrder(text) ? rows : inSomeOrder(simulation, rows.map(HAS_LISTS.test(text) ? withSortedLists : (row) => row));
      noteReading(readings, text, ordered);
      checkClaim(simulation, readings, { text, values }, ordered, still);
      return { rows: ordered, rowCount };
    },
  };
}

/** Kills a worker, if its time has come. */
export function mayDie(simulation: Simulation, worker: Worker, fault: Fault, point: string): void {
  if (worker.isDead) throw new WorkerKilled(worker.name);
  if (worker.isSafe || !goesWrong(simulation, fault, `${worker.name} at ${point}`)) return;
  worker.isDead = true;
  throw new WorkerKilled(worker.name);
}

function hasOrder(text: string): boolean {
  return /ORDER BY[^)]*$/.test(text);
}

/** Who asks for no order gets any, but the same for the same seed: the place of a row on its page follows from what other seeds left there. */
function inSomeOrder(simulation: Simulation, rows: unknown[]): unknown[] {
  if (rows.length < 2) return rows;
  const sorted = rows
    .map((row) => ({ row, key: JSON.stringify(row, bigintAsText) }))
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
  return simulation.random.shuffle(sorted.map(({ row }) => row));
}

/** Statements whose row holds lists that nobody gave an order. */
const HAS_LISTS = /lock_batch\(|"attemptIds"/;

function withSortedLists(value: unknown): unknown {
  if (Array.isArray(value))
    return value
      .map((item) => [JSON.stringify(item), item] as const)
      .toSorted(byKey)
      .map(([, item]): unknown => item);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSortedLists(inner)]));
}

function byKey([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

/** Characters of a statement, and of what it was given, that are kept to be told. */
const TOLD = 160;

function describeStatement({ text, values }: Statement): string {
  return `${text.replaceAll(/\s+/g, " ").slice(0, TOLD)} ${JSON.stringify(values ?? [], bigintAsText).slice(0, TOLD)}`;
}

const Refusal = z.object({ code: z.string().default(""), detail: z.string().optional(), where: z.string().optional() });

/** An error of the database that nobody made is found here, whoever catches it above. */
function noteError(simulation: Simulation, error: unknown): void {
  if (error instanceof WorkerKilled || error instanceof AppError) return;
  const { code = "", detail, where } = Refusal.safeParse(error).data ?? {};
  say(simulation, `  ERROR ${code} ${String(error)}`);
  if (code !== "40P01") return simulation.checks.check("errors", false, () => `${code} ${String(error)}`);
  // The server's word for who waits for whom, and all that each of them has sent: which two orders of locks they are.
  simulation.checks.check("locks", false, () =>
    [`${code} ${String(error)}`, detail, where, ...[...simulation.openTransactions].map(describeTransaction)].join("\n"),
  );
}

function describeTransaction({ worker, sent }: OpenTransaction): string {
  return [`${worker.name} has sent`, ...sent.map((statement) => `  ${describeStatement(statement)}`)].join("\n");
}

import * as z from "zod";
import type { Fact } from "../../shared/orchestration/domain/events.ts";
import { type NumberedFact, readFacts } from "../../shared/orchestration/sql/read-events.ts";
import { findRun } from "../../shared/orchestration/sql/read-runs.ts";
import type { World } from "./open-world.ts";

/** A run as its person sees it, with its whole log. */
export async function inspectRun(world: World, runId: string) {
  const actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId } as const;
  return world.deps.db.transact(actor, async (db) => {
    const run = await findRun(db, runId);
    if (run === undefined) throw new Error(`there is no run ${runId}`);
    const facts: NumberedFact[] = [];
    for (;;) {
      const more = await readFacts(db, runId, facts.length);
      if (more.length === 0) return { run, facts };
      facts.push(...more);
    }
  });
}

/** Everything that a log must never say, whatever happened to its run. */
export function listViolations(facts: readonly NumberedFact[]): string[] {
  const completed = [...placesOf(facts, "task-completed"), ...placesOf(facts, "task-reused"), ...placesOf(facts, "task-skipped")];
  const answered = facts.flatMap(({ fact }) => (fact.type === "effect-answered" ? [fact.effect_id] : []));
  const ended = facts.filter(({ fact }) => fact.type === "run-completed" || fact.type === "run-failed" || fact.type === "run-cancelled");
  return [
    ...facts.filter((fact, index) => fact.number !== index + 1).map((fact) => `number ${fact.number} is out of its place`),
    ...duplicates(completed.map(([task]) => task)).map((task) => `${task} completed twice`),
    ...duplicates(answered).map((effect) => `${effect} was answered twice`),
    ...(ended.length > 1 ? [`the run ended ${ended.length} times`] : []),
    ...facts.slice(facts.findIndex((fact) => fact === ended[0]) + 1).flatMap(({ fact }) => (ended.length > 0 ? afterTheEnd(fact) : [])),
    ...earlyStarts(facts, new Map(completed)),
  ];
}

/** What a run that has ended may still say: that an answer came late. */
function afterTheEnd(fact: Fact): string[] {
  const isAllowed = (fact.type === "effect-answered" && fact.state === "late") || fact.type === "hold-exceeded";
  return isAllowed ? [] : [`${fact.type} after the end`];
}

function earlyStarts(facts: readonly NumberedFact[], completed: ReadonlyMap<string, number>): string[] {
  const divided = facts.flatMap(({ fact, number }) => (fact.type === "subtasks-proposed" ? [{ ...fact, number }] : []));
  const plan = [...facts.flatMap(({ fact }) => (fact.type === "plan-stored" ? fact.tasks : [])), ...divided.flatMap(({ tasks }) => tasks)];
  const byOrdinal = new Map(plan.map((task) => [task.ordinal, task]));
  return placesOf(facts, "task-started").flatMap(([id, place]) => {
    // Its subtasks from when it was divided on.
    const subtasks = divided.flatMap(({ task_id, number, tasks }) => (task_id === id && number < place ? tasks : []));
    const parents = [...(plan.find((task) => task.task_id === id)?.depends_on ?? []), ...subtasks.map(({ ordinal }) => ordinal)];
    const early = parents.filter((ordinal) => !((completed.get(byOrdinal.get(ordinal)?.task_id ?? "") ?? Infinity) < place));
    return early.map((ordinal) => `${id} began before task ${ordinal} completed`);
  });
}

function placesOf(
  facts: readonly NumberedFact[],
  type: "task-started" | "task-completed" | "task-reused" | "task-skipped",
): [taskId: string, number: number][] {
  return facts.flatMap(({ fact, number }) => (fact.type === type ? [[fact.task_id, number] as [string, number]] : []));
}

function duplicates(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

const Books = z.object({
  spent: z.coerce.bigint(),
  held: z.coerce.bigint(),
  /** What the holds of the budget say that the two above must be. */
  settled: z.coerce.bigint(),
  reserved: z.coerce.bigint(),
  /** Of the bills that were received, and of tries that were lost and booked in full. */
  billed: z.coerce.bigint(),
  lost: z.coerce.bigint(),
});

/** The money of a run, from its budget, from its holds and from the bills. */
export async function readBooks(world: World, runId: string): Promise<z.infer<typeof Books>> {
  return world.deps.db.transact({ role: "engine" }, async (db) => {
    const { rows } = await db.query(
      `SELECT b.spent_nano AS spent, b.held_nano AS held,
        COALESCE((SELECT sum(settled_nano) FROM budget_holds WHERE budget_id = b.id), 0) AS settled,
        COALESCE((SELECT sum(amount_nano) FROM budget_holds WHERE budget_id = b.id AND state = 'held'), 0) AS reserved,
        COALESCE((SELECT sum(cost_nano) FROM llm_usage WHERE run_id = $1), 0) AS billed,
        COALESCE((SELECT sum(settled_nano) FROM budget_holds WHERE budget_id = b.id AND state = 'unsettled'), 0) AS lost
      FROM budgets b WHERE b.run_id = $1`,
      [runId],
    );
    return z.tuple([Books]).parse(rows)[0];
  });
}

/** Agents of the workspace that are still counted as busy. */
export async function readLoads(world: World): Promise<number[]> {
  return world.deps.db.transact({ role: "engine" }, async (db) => {
    const { rows } = await db.query("SELECT current_task_count AS load FROM agents WHERE workspace_id = $1", [world.workspaceId]);
    return z
      .array(z.object({ load: z.int() }))
      .parse(rows)
      .map((row) => row.load)
      .filter((load) => load !== 0);
  });
}

/** How many effects of a run are in each state. */
export async function countEffects(world: World, runId: string): Promise<Record<string, number>> {
  return world.deps.db.transact({ role: "engine" }, async (db) => {
    const { rows } = await db.query("SELECT state, count(*)::int AS count FROM effects WHERE run_id = $1 GROUP BY state ORDER BY state", [
      runId,
    ]);
    const counts = z.array(z.object({ state: z.string(), count: z.int() })).parse(rows);
    return Object.fromEntries(counts.map(({ state, count }) => [state, count]));
  });
}

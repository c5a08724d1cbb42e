import * as z from "zod";
import { type Fact, isLastFact } from "../../shared/orchestration/domain/events.ts";
import { type NumberedFact, readFacts } from "../../shared/orchestration/sql/read-events.ts";
import type { Queryable } from "../../shared/platform/db/database.ts";
import { listViolations } from "../world/inspect.ts";
import { checkBooks } from "./check-books.ts";
import { checkDivisions } from "./check-divisions.ts";
import { checkPolicies } from "./check-policies.ts";
import { checkReplay } from "./check-replay.ts";
import { addCounts } from "./faults.ts";
import type { Simulation } from "./simulation.ts";

/** What must hold when nothing is left to do, read from the tables. */
export async function checkEnd(simulation: Simulation): Promise<void> {
  await simulation.database.transact({ role: "engine" }, async (db) => {
    await checkEnds(simulation, db);
    for (const { runId } of simulation.goals) await checkLog(simulation, db, runId);
    await checkCounts(simulation, db);
    await checkTenants(simulation, db);
    await checkBooks(simulation, db);
    await checkPolicies(simulation, db);
    await checkDivisions(simulation, db);
    await checkReplay(simulation, db);
  });
}

const End = z.object({
  id: z.string(),
  status: z.string(),
  phase: z.string(),
  open_tasks: z.int(),
  phase_due: z.json(),
  left: z.array(z.string()),
});

async function checkEnds({ checks, workspaces, goals, engine }: Simulation, db: Queryable): Promise<void> {
  const { rows } = await db.query(
    `SELECT id, status, phase, open_tasks, phase_due, ARRAY(
        SELECT kind || ' ' || ordinal || ' is ' || status FROM tasks WHERE run_id = runs.id AND status IN ('pending', 'in_progress')
        UNION ALL SELECT 'attempt of ' || task_id || ' is ' || status FROM task_attempts WHERE run_id = runs.id AND status = 'running'
        UNION ALL SELECT kind || ' effect ' || id || ' is ' || state FROM effects WHERE run_id = runs.id AND state IN ('due', 'running', 'parked')) AS left
    FROM runs WHERE workspace_id = ANY ($1)`,
    [workspaces],
  );
  const runs = z.array(End).parse(rows);
  checks.check("3 end", runs.length === goals.length, () => `${runs.length} runs of ${goals.length} goals`);
  for (const run of runs) {
    const hasEnded = ["completed", "failed", "cancelled"].includes(run.status);
    checks.check("3 end", hasEnded, () => describeOpen(run));
    if (hasEnded) checks.check("3 end", run.left.length === 0, () => `run ${run.id} is ${run.status} and leaves ${run.left.join(", ")}`);
  }
  const open = [...engine.executions.values()].filter((execution) => execution.status === "RUNNING");
  checks.check(
    "3 end",
    open.length === 0,
    () => `the state machine still waits for ${open.map(({ name, waiting }) => `${name} in ${waiting?.stateName}`).join()}`,
  );
}

function describeOpen({ id, status, phase, open_tasks, phase_due, left }: z.infer<typeof End>): string {
  return `run ${id} is ${status} in ${phase}, counts ${open_tasks} open tasks, owes ${JSON.stringify(phase_due)}: ${left.join(", ")}`;
}

async function checkLog({ checks, facts: counts }: Simulation, db: Queryable, runId: string): Promise<void> {
  const facts: NumberedFact[] = [];
  for (;;) {
    const more = await readFacts(db, runId, facts.length);
    if (more.length === 0) break;
    facts.push(...more);
  }
  for (const { fact } of facts) addCounts(counts, { [describeFact(fact)]: 1 });
  const violations = listViolations(facts);
  const of = (words: string) => violations.filter((violation) => violation.includes(words));
  const starved = facts.filter(({ fact }) => "error" in fact && fact.error.code === "missing-input");
  checks.check("1 order", of("began before").length + starved.length === 0, () =>
    [...of("began before"), ...starved.map((fact) => JSON.stringify(fact))].join(", "),
  );
  checks.check("2 once", of("twice").length === 0, () => of("twice").join(", "));
  checks.check("12 numbers", of("out of its place").length === 0, () => of("out of its place").join(", "));
  checks.check("6 epoch", of("after the end").length === 0, () => of("after the end").join(", "));
  const ends = facts.filter(({ fact }) => isLastFact(fact.type)).length;
  checks.check("3 end", ends === 1, () => `the log of ${runId} ends ${ends} times`);
}

function describeFact(fact: Fact): string {
  switch (fact.type) {
    case "inbox-item-closed":
      return `${fact.type}: ${fact.kind} ${fact.state}`;
    case "task-retried":
      return `${fact.type}: ${fact.fallback === undefined ? fact.error.code : `fallback ${fact.fallback}`}`;
    case "subtasks-refused":
    case "task-failed":
    case "task-skipped":
    case "run-failed":
      return `${fact.type}: ${fact.error.code}`;
    default:
      return fact.type;
  }
}

/** Of the attempt `a`: it ended with subtasks instead of a result. */
const HAS_DIVIDED = `EXISTS (SELECT 1 FROM effects e JOIN payloads q ON q.id = e.request_payload_id
  WHERE e.attempt_id = a.id AND e.state = 'done' AND q.body ->> 'tool' = 'propose_subtasks')`;

const Count = z.object({ what: z.string(), id: z.string() });

/** What is counted as it changes must be what a count says. */
async function checkCounts({ checks, workspaces }: Simulation, db: Queryable): Promise<void> {
  const { rows } = await db.query(
    `SELECT 'has other parents left than it counts' AS what, t.id FROM tasks t WHERE t.workspace_id = ANY ($1) AND t.pending_dependencies <> (
        SELECT count(*) FROM task_dependencies d JOIN tasks p ON p.id = d.depends_on WHERE d.task_id = t.id AND p.status <> 'completed')
    UNION ALL SELECT 'completed by more than one attempt', task_id FROM task_attempts a WHERE workspace_id = ANY ($1) AND status = 'completed'
      AND NOT ${HAS_DIVIDED} GROUP BY task_id HAVING count(*) > 1
    UNION ALL SELECT 'is completed without an attempt that did it', t.id FROM tasks t WHERE t.workspace_id = ANY ($1) AND t.status = 'completed' AND t.kind <> 'goal' AND t.error IS NULL
      AND NOT (t.forked_from IS NOT NULL AND t.attempts = 0)
      AND NOT EXISTS (SELECT 1 FROM task_attempts a WHERE a.task_id = t.id AND a.status = 'completed' AND NOT ${HAS_DIVIDED})
    UNION ALL SELECT 'counts another number of facts than its log holds', r.id FROM runs r WHERE r.workspace_id = ANY ($1)
      AND r.event_seq <> (SELECT COALESCE(sum(count), 0) FROM run_events e WHERE e.run_id = r.id)`,
    [workspaces],
  );
  const wrong = z.array(Count).parse(rows);
  checks.check("2 once", wrong.length === 0, () => wrong.map(({ what, id }) => `${id} ${what}`).join(", "));
}

const OWNED = ["tasks", "task_attempts", "effects", "payloads", "run_events", "budget_holds", "llm_usage", "task_dependencies"] as const;

/** What foreign keys would say of the rows of a run, had they not been too dear: whoever a row belongs to is there, and of the same run. */
const RELATIVES = [
  ["task_attempts", "c.task_id", "tasks", "p.run_id = c.run_id"],
  ["task_attempts", "c.agent_id", "agents", "p.workspace_id = c.workspace_id"],
  ["effects", "c.attempt_id", "task_attempts", "p.task_id = c.task_id AND p.run_id = c.run_id"],
  ["budget_holds", "c.effect_id", "effects", "p.run_id = c.run_id"],
  ["budget_holds", "c.budget_id", "budgets", "p.workspace_id = c.workspace_id AND COALESCE(p.run_id, c.run_id) = c.run_id"],
  ["llm_usage", "c.task_id", "tasks", "p.run_id = c.run_id"],
  ["llm_usage", "c.agent_id", "agents", "p.workspace_id = c.workspace_id"],
] as const;

async function checkTenants({ checks, workspaces }: Simulation, db: Queryable): Promise<void> {
  const strays = OWNED.map(
    (table) =>
      `SELECT '${table}' AS what, r.id FROM ${table} c JOIN runs r ON r.id = c.run_id WHERE r.workspace_id = ANY ($1) AND c.workspace_id <> r.workspace_id`,
  );
  const agents = `SELECT 'agents' AS what, t.id FROM tasks t JOIN agents a ON a.id = t.agent_id WHERE t.workspace_id = ANY ($1) AND a.workspace_id <> t.workspace_id`;
  const orphans = RELATIVES.map(
    ([table, id, parent, isRight]) =>
      `SELECT '${table} without its ${parent}' AS what, c.id FROM ${table} c WHERE c.workspace_id = ANY ($1)
        AND NOT EXISTS (SELECT 1 FROM ${parent} p WHERE p.id = ${id} AND ${isRight})`,
  );
  const { rows } = await db.query([...strays, agents, ...orphans].join(" UNION ALL "), [workspaces]);
  const wrong = z.array(Count).parse(rows);
  checks.check("8 tenant", wrong.length === 0, () => wrong.map(({ what, id }) => `${what} of ${id}`).join(", "));
}

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Client } from "./client.ts";

const Facts = z.object({
  facts: z.array(z.looseObject({ number: z.int(), at: z.string(), type: z.string() })),
  ended: z.boolean(),
});

const TaskFact = z.object({
  ordinal: z.int(),
  name: z.string(),
  attempt: z.int().optional(),
  agent: z.string().optional(),
  duration_ms: z.int().optional(),
});
const SubtasksFact = z.object({ tasks: z.array(z.object({ ordinal: z.int() })) });
const CoolDownFact = z.object({ agent: z.string(), code: z.string(), until: z.string() });
const FailureFact = z.object({ error: z.object({ code: z.string(), detail: z.string() }) });

type Fact = z.infer<typeof Facts>["facts"][number];

/** Follows a run until its last fact, or until its budget pauses it, and tells each change of a task as one line. Answers how it stopped. */
export async function followRun(client: Pick<Client, "get">, runId: string, tell: (line: string) => void): Promise<"ended" | "paused"> {
  const costs = new Map<string, number>();
  let after = 0;
  for (;;) {
    const { facts, ended } = await client.get(`/v1/runs/${runId}/events?after=${after}&wait=25`, Facts);
    for (const fact of facts) {
      after = fact.number;
      addCost(costs, fact);
      const line = describeFact(fact, costs);
      if (line !== undefined) tell(line);
    }
    if (ended) return "ended";
    // Who paused it by hand will let it go on by hand; nobody does that for a budget unless told.
    const turn = facts.findLast((fact) => fact.type === "run-paused" || fact.type === "run-resumed");
    if (turn?.["reason"] === "budget") return "paused";
    if (facts.length === 0) await sleep(50);
  }
}

function addCost(costs: Map<string, number>, fact: Fact): void {
  const spent = z.object({ task_id: z.string(), cost_usd: z.string() }).safeParse(fact).data;
  if (spent !== undefined) costs.set(spent.task_id, (costs.get(spent.task_id) ?? 0) + Number(spent.cost_usd));
}

/** A line per change of a task or of the run; undefined for what a person need not see go by. */
function describeFact(fact: Fact, costs: ReadonlyMap<string, number>): string | undefined {
  switch (fact.type) {
    case "task-started":
      return taskLine("▸", fact, (task) => `${task.agent}${(task.attempt ?? 1) > 1 ? `, attempt ${task.attempt}` : ""}`);
    case "task-completed":
      return taskLine("✓", fact, (task) => `${((task.duration_ms ?? 0) / 1000).toFixed(2)} s${costOf(fact, costs)}`);
    case "task-retried":
    case "task-failed":
      return taskLine("✗", fact, () => reasonOf(fact));
    case "task-skipped":
      return taskLine("–", fact, () => `skipped: ${reasonOf(fact)}`);
    case "task-cancelled":
      return taskLine("–", fact, () => "cancelled");
    case "agent-cooling-down": {
      const { agent, code, until } = CoolDownFact.parse(fact);
      return `… waiting: ${agent} fails again and again (${code}) and is tried once more at ${until}`;
    }
    case "run-paused":
    case "run-cancelled":
    case "run-completed":
      return fact.type.replace("-", " ");
    case "run-failed":
      return `run failed: ${reasonOf(fact)}`;
    default:
      return describeDivision(fact);
  }
}

function describeDivision(fact: Fact): string | undefined {
  if (fact.type === "subtasks-refused") return taskLine("–", fact, () => `not divided: ${reasonOf(fact)}`);
  if (fact.type !== "subtasks-proposed") return undefined;
  const ordinals = SubtasksFact.parse(fact).tasks.map(({ ordinal }) => ordinal);
  return taskLine("⋔", fact, () => `divided into ${ordinals.join(", ")}`);
}

function taskLine(mark: string, fact: Fact, detail: (task: z.infer<typeof TaskFact>) => string): string {
  const task = TaskFact.parse(fact);
  return `${mark} ${task.ordinal === 0 ? "·" : task.ordinal} ${task.name} (${detail(task)})`;
}

function costOf(fact: Fact, costs: ReadonlyMap<string, number>): string {
  const cost = costs.get(z.object({ task_id: z.string() }).parse(fact).task_id) ?? 0;
  return cost === 0 ? "" : `, $${cost.toFixed(6)}`;
}

function reasonOf(fact: Fact): string {
  const { code, detail } = FailureFact.parse(fact).error;
  return `${code}: ${detail}`;
}

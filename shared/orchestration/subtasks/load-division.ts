import { decide } from "../../agents/domain/decide.ts";
import type { Intent, JournalEntry } from "../../agents/domain/journal.ts";
import { type EffectError } from "../../effects/contracts/effect.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { PROPOSE_SUBTASKS, workingToolNames } from "../../tools/safety.ts";
import { type Divide, draftMove } from "../decide/decide-step.ts";
import { draftEffects, draftPayload } from "../decide/draft.ts";
import type { ConductorDeps } from "../deps.ts";
import type { NewTask, Proposal, Step } from "../domain/batch.ts";
import { estimateTask, type PastTask } from "../domain/estimate-task.ts";
import { GUESSED_SECONDS } from "../domain/guess-duration.ts";
import { layOutPlan } from "../domain/lay-out-plan.ts";
import { judgeProposal, type ProposedPlan, refuse, refusePrice } from "../domain/subtasks/judge-proposal.ts";
import type { ProposalResult } from "../domain/subtasks/proposal-result.ts";
import { readPastTasks } from "../plans/sql.ts";
import { expectCost } from "../prices/expect-cost.ts";
import { learnPricesOfPools } from "../prices/learn-prices.ts";
import type { AttemptJournal } from "../sql/read-journals.ts";
import { readPool } from "../sql/read-pool.ts";
import { readGrounds } from "./sql.ts";

type Ground = Awaited<ReturnType<typeof readGrounds>>[number];

/** What the subtasks of these executors are judged and laid out by, with the past of their workspaces. */
export async function loadDivision(deps: ConductorDeps, db: Queryable, journals: readonly AttemptJournal[]): Promise<Divide> {
  const executors = journals.filter((journal) => journal.task_kind === "executor");
  const workspaceIds = [...new Set(executors.map((journal) => journal.workspace_id))];
  const taskIds = executors.map((journal) => journal.task_id);
  const grounds = new Map((await readGrounds(db, taskIds, deps.now())).map((ground) => [ground.task_id, ground]));
  const pools = await readPool(db, workspaceIds);
  await learnPricesOfPools(deps, pools);
  const pasts = new Map<string, PastTask[]>();
  for (const id of workspaceIds) pasts.set(id, await readPastTasks(db, id));
  const accept = acceptProposals(deps, { grounds, pools, pasts });

  return (journal, entries, next, context) => {
    if (journal.task_kind !== "executor" || next.kind !== "effects" || !next.intents.some(isProposal)) return undefined;
    const effects = draftEffects(deps, next.intents, entries.length, 0);
    const answers = next.intents.map((intent) => (isProposal(intent) ? accept(journal, intent, next.intents.length === 1) : undefined));
    const proposals = effects.flatMap(({ lease: _none, ...effect }, index): Proposal[] => {
      const answer = answers[index];
      return answer === undefined
        ? []
        : [{ ...effect, answer: "error" in answer ? answer : { result: draftPayload(deps, answer.result) } }];
    });
    const [first] = answers;
    if (first !== undefined && "move" in first) return { move: first.move, proposals };
    const open = effects.filter((_, index) => answers[index] === undefined);
    if (open.length > 0) return { move: { kind: "effects", effects: open }, proposals };
    const told = [...entries, ...proposals.map(toEntry)];
    return { move: draftMove(deps, journal, told, decide(journal.briefing, told, context.checks), context), proposals };
  };
}

function isProposal(intent: Intent): boolean {
  return intent.kind === "tool" && intent.request.tool === PROPOSE_SUBTASKS;
}

function toEntry({ seq, kind, answer }: Proposal): JournalEntry {
  return "error" in answer ? { seq, kind, state: "failed", error: answer.error } : { seq, kind, state: "done", result: answer.result.body };
}

type Known = {
  grounds: ReadonlyMap<string, Ground>;
  pools: Awaited<ReturnType<typeof readPool>>;
  pasts: ReadonlyMap<string, readonly PastTask[]>;
};
type Answer = { error: EffectError } | { result: ProposalResult; move: Extract<Step["move"], { kind: "subtasks" }> };

/** Says yes or no to each proposal of a batch, those that come after another of their run as if that was in the plan already. */
function acceptProposals(deps: ConductorDeps, { grounds, pools, pasts }: Known) {
  const accepted = new Map<string, { proposals: number; tasks: number }>();
  return (journal: AttemptJournal, intent: Intent, isAlone: boolean): Answer => {
    const read = grounds.get(journal.task_id);
    if (read === undefined || intent.kind !== "tool") throw new Error("a proposal of a task that is not there");
    const before = accepted.get(read.run_id) ?? { proposals: 0, tasks: 0 };
    const ground = { ...read, tasks: read.tasks + before.tasks, last_ordinal: read.last_ordinal + before.tasks };
    const judged = judgeProposal(intent.request.arguments, ground, workingToolNames, isAlone);
    if (!judged.ok) return judged;
    const pool = pools.get(journal.workspace_id) ?? [];
    const laidOut = layOutSubtasks(deps, journal, ground, judged.proposed, { pool, past: pasts.get(journal.workspace_id) ?? [] });
    if (!laidOut.ok) return laidOut;
    const { tasks, cost_nano } = laidOut;
    accepted.set(read.run_id, { proposals: before.proposals + 1, tasks: before.tasks + tasks.length });
    const subtasks = judged.proposed.tasks.map(({ id }, index) => ({ id, ordinal: ground.last_ordinal + index + 1 }));
    return { result: { subtasks }, move: { kind: "subtasks", tasks, plan_version: read.plan_version + before.proposals, cost_nano } };
  };
}

type Means = { pool: NonNullable<ReturnType<Known["pools"]["get"]>>; past: readonly PastTask[] };

function layOutSubtasks(
  deps: ConductorDeps,
  { task_id, default_model }: AttemptJournal,
  ground: Ground,
  proposed: ProposedPlan,
  { pool, past }: Means,
): { ok: true; tasks: NewTask[]; cost_nano: bigint } | ReturnType<typeof refuse> {
  const expect = expectCost(deps.prices, default_model);
  const toCome = (task: Pick<NewTask, "required_capabilities" | "complexity">) =>
    ({ kind: "executor", tools: task.required_capabilities, complexity: task.complexity }) as const;
  const secondsOf = (task: ProposedPlan["tasks"][number]) =>
    Math.ceil(estimateTask(past, toCome(task), () => null)?.seconds.median ?? GUESSED_SECONDS[task.complexity]);
  const plan = { tasks: proposed.tasks.map((task) => ({ ...task, estimated_duration_seconds: secondsOf(task) })), risks: [] };
  const circumstances = { now: deps.now().toISOString(), expectCost: expect };
  const finished = new Map(ground.parents.map(({ id, ordinal }) => [ordinal, id]));
  const laidOut = layOutPlan(plan, pool, deps.newId, circumstances, { last_ordinal: ground.last_ordinal, finished });
  if (!laidOut.ok) return refuse("subtasks-no-agent", laidOut.problem);

  const costOf = (task: NewTask): bigint => {
    const model = pool.find(({ id }) => id === task.agent_id)?.model ?? "default";
    const named = model === "default" ? default_model : model;
    const known = estimateTask(past, toCome(task), (usage) => deps.prices.charge(named, usage).cost_nano)?.cost_nano?.p90;
    return known ?? expect(model, task.complexity) ?? 0n;
  };
  const cost_nano = laidOut.tasks.reduce((sum, task) => sum + costOf(task), 0n);
  const over = refusePrice(cost_nano, ground);
  if (over !== undefined) return over;
  const depth = ground.subtask_depth + 1;
  return {
    ok: true,
    cost_nano,
    tasks: laidOut.tasks.map((task, index) => ({
      ...task,
      // Whoever waits for the task waits for them too.
      priority: (task.priority ?? 0) + ground.priority,
      subtask: { of: task_id, depth, notes: index === 0 ? proposed.notes : null },
    })),
  };
}

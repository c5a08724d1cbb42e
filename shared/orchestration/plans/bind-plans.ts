import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import type { Identity } from "../../platform/api/route.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import { type GivenTask, getDependencies, type PlanPreview, previewPlan, type TaskDependencies } from "../contracts/plans.ts";
import { orderPlan } from "../domain/order-plan.ts";
import type { Runs } from "../runs/open-runs.ts";
import { judgePlan, type LearnedSeconds } from "./accept-plan.ts";
import { type Estimates, loadEstimates } from "./load-estimates.ts";
import { findPlanOfTask } from "./sql.ts";

/** Reads plans: neither runs anything nor asks a model. */
export function bindPlans(openRuns: () => Promise<Runs>): Binding[] {
  const read = async <Answer>(identity: Identity, answer: (db: Queryable, load: () => Promise<Estimates>) => Promise<Answer>) => {
    const { db, defaultModel, now } = await openRuns();
    return db.transact(actorOf(identity), (connection) =>
      answer(connection, () => loadEstimates(connection, identity.workspaceId, { defaultModel, now: now() })),
    );
  };
  return [
    bindRoute(previewPlan, async ({ identity, body }) => ({
      body: await read(identity, async (_, load) => preview(body.tasks, await load())),
    })),
    bindRoute(getDependencies, async ({ identity, params }) => ({
      body: await read(identity, async (db, load) => {
        const plan = await findPlanOfTask(db, params.task_id);
        if (plan === undefined) throw notFound("The task");
        return describe(plan, await load());
      }),
    })),
  ];
}

function preview(given: readonly GivenTask[], { secondsOf, estimate }: Estimates): PlanPreview {
  const learned: LearnedSeconds = (task) => secondsOf({ kind: "executor", tools: task.required_capabilities, complexity: task.complexity });
  const { plan, faults } = judgePlan(given, learned);
  const isValid = faults.length === 0;
  const untold = given.filter((task) => task.estimated_duration_seconds === undefined);
  const history = untold.filter((task) => learned(task) !== undefined).length;
  return {
    valid: isValid,
    problems: faults,
    ...orderPlan(isValid ? plan.tasks : []),
    durations_from: { caller: given.length - untold.length, history, guess: untold.length - history },
    estimates: isValid ? estimate(plan.tasks) : null,
  };
}

type FoundPlan = NonNullable<Awaited<ReturnType<typeof findPlanOfTask>>>;

function describe(plan: FoundPlan, { estimate }: Estimates): TaskDependencies {
  const parents = new Map<string, string[]>(plan.tasks.map(({ id }) => [id, []]));
  for (const edge of plan.edges) parents.get(edge.task_id)?.push(edge.depends_on);
  const tasks = plan.tasks.map((task) => ({ ...task, dependencies: parents.get(task.id) ?? [] }));
  const isOpen = ({ status }: { status: string }) => status === "pending" || status === "in_progress";
  return { ...plan, ...orderPlan(tasks), estimates: estimate(tasks.filter(isOpen)) };
}

import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import type { Database } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import { getDependencies, previewPlan } from "../contracts/plans.ts";
import { orderPlan } from "../domain/order-plan.ts";
import { judgePlan } from "./accept-plan.ts";
import { findPlanOfTask } from "./sql.ts";

/** Reads plans: neither runs anything nor asks a model. */
export function bindPlans(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(previewPlan, async ({ body }) => {
      const { plan, faults } = judgePlan(body.tasks);
      return { body: { valid: faults.length === 0, problems: faults, ...orderPlan(faults.length === 0 ? plan.tasks : []) } };
    }),
    bindRoute(getDependencies, async ({ identity, params }) => {
      const db = await openDb();
      const plan = await db.transact(actorOf(identity), (connection) => findPlanOfTask(connection, params.task_id));
      if (plan === undefined) throw notFound("The task");
      const parents = new Map<string, string[]>(plan.tasks.map(({ id }) => [id, []]));
      for (const edge of plan.edges) parents.get(edge.task_id)?.push(edge.depends_on);
      return { body: { ...plan, ...orderPlan(plan.tasks.map((task) => ({ ...task, dependencies: parents.get(task.id) ?? [] }))) } };
    }),
  ];
}

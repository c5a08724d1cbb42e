import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import type { Database } from "../../platform/db/database.ts";
import { uuidv7 } from "../../platform/ids.ts";
import { formatUsd, parseUsd } from "../../platform/money.ts";
import {
  listBudgets,
  type ScopedBudget,
  setDayBudget,
  setRunBudget,
  setTaskBudget,
  setUserBudget,
  setUserDayBudget,
  setWorkspaceBudget,
} from "../contracts/budgets.ts";
import type { RunDeps } from "../deps.ts";
import { dayOf, setDayLimit, setRunLimit, setTaskLimit, setUserLimit, setWorkspaceLimit } from "./set-limit.ts";
import { type BudgetView, listBudgets as readBudgets } from "./sql.ts";

type Body = { limit_usd: string | null };

export function bindBudgets(openDb: () => Promise<Database>, openRuns: () => Promise<RunDeps>): Binding[] {
  const open = async () => ({ db: await openDb(), newId: uuidv7, now: () => new Date() });
  return [
    bindRoute(listBudgets, async ({ identity, now }) => {
      const db = await openDb();
      const budgets = await db.transact(actorOf(identity), (connection) => readBudgets(connection, dayOf(now)));
      return { body: { budgets: budgets.map(show) } };
    }),
    bindRoute(setWorkspaceBudget, async ({ identity, body }) => ({
      body: show(await setWorkspaceLimit(await open(), actorOf(identity), limitOf(body))),
    })),
    bindRoute(setDayBudget, async ({ identity, body }) => ({
      body: show(await setDayLimit(await open(), actorOf(identity), undefined, limitOf(body))),
    })),
    bindRoute(setUserBudget, async ({ identity, params, body }) => ({
      body: show(await setUserLimit(await open(), actorOf(identity), params.user_id, limitOf(body))),
    })),
    bindRoute(setUserDayBudget, async ({ identity, params, body }) => ({
      body: show(await setDayLimit(await open(), actorOf(identity), params.user_id, limitOf(body))),
    })),
    bindRoute(setRunBudget, async ({ identity, params, body }) => ({
      body: show(await setRunLimit(await openRuns(), actorOf(identity), params.run_id, limitOf(body))),
    })),
    bindRoute(setTaskBudget, async ({ identity, params, body }) => ({
      body: show(await setTaskLimit(await openRuns(), actorOf(identity), params.task_id, limitOf(body))),
    })),
  ];
}

function limitOf({ limit_usd }: Body): bigint | null {
  return limit_usd === null ? null : parseUsd(limit_usd);
}

function show({ scope, user_id, run_id, task_id, day, limit_nano, spent_nano, held_nano }: BudgetView): ScopedBudget {
  return {
    scope,
    user_id,
    run_id,
    task_id,
    day,
    limit_usd: limit_nano === null ? null : formatUsd(limit_nano),
    spent_usd: formatUsd(spent_nano),
    held_usd: formatUsd(held_nano),
    exhausted: limit_nano !== null && spent_nano + held_nano >= limit_nano,
  };
}

import * as z from "zod";
import { defineRoute } from "../../platform/api/route.ts";

const Usd = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, "a decimal number of dollars such as 0.25");

export const ScopedBudget = z
  .strictObject({
    scope: z.enum(["workspace", "user", "day", "run", "task"]),
    user_id: z.uuid().nullable().describe("of a user's budget, and of a user's day"),
    run_id: z.uuid().nullable(),
    task_id: z.uuid().nullable(),
    day: z.iso.date().nullable().describe("in UTC; a hold belongs to the day on which it was taken"),
    limit_usd: Usd.nullable().describe("null: no limit"),
    spent_usd: Usd,
    held_usd: Usd,
    exhausted: z.boolean().describe("spent and held have reached the limit: nothing more that costs is begun"),
  })
  .meta({ id: "ScopedBudget", description: "What an effect costs counts against every budget that applies to it, or it is not begun." });
export type ScopedBudget = z.infer<typeof ScopedBudget>;

export const listBudgets = defineRoute({
  id: "list-budgets",
  method: "GET",
  path: "/v1/budgets",
  zone: "mind",
  auth: "user",
  scopes: ["budgets:read"],
  summary: "Budgets of the workspace and of its users, for all time and for today",
  status: 200,
  response: z.strictObject({ budgets: z.array(ScopedBudget) }),
});

const put = {
  method: "PUT",
  zone: "mind",
  auth: "user",
  scopes: ["budgets:write"],
  body: z.strictObject({
    limit_usd: Usd.nullable().describe(
      "null takes the limit away. One below what is spent and held is accepted: nothing more is begun then",
    ),
  }),
  status: 200,
  response: ScopedBudget,
} as const;

export const setWorkspaceBudget = defineRoute({
  ...put,
  id: "set-workspace-budget",
  path: "/v1/budgets/workspace",
  summary: "What the whole workspace may cost; for owners",
});

export const setDayBudget = defineRoute({
  ...put,
  id: "set-day-budget",
  path: "/v1/budgets/day",
  summary: "What the whole workspace may cost on each UTC day, from today on; for owners",
});

const UserParams = z.strictObject({ user_id: z.uuid() });

export const setUserBudget = defineRoute({
  ...put,
  id: "set-user-budget",
  path: "/v1/budgets/users/{user_id}",
  params: UserParams,
  summary: "What one member's runs may cost in this workspace; for owners",
});

export const setUserDayBudget = defineRoute({
  ...put,
  id: "set-user-day-budget",
  path: "/v1/budgets/users/{user_id}/day",
  params: UserParams,
  summary: "What one member's runs may cost on each UTC day, from today on; for owners",
});

export const setRunBudget = defineRoute({
  ...put,
  id: "set-run-budget",
  path: "/v1/budgets/runs/{run_id}",
  params: z.strictObject({ run_id: z.uuid() }),
  summary: "What a run that goes on may cost. One that waits for money waits for its question in the inbox to be answered",
});

export const setTaskBudget = defineRoute({
  ...put,
  id: "set-task-budget",
  path: "/v1/budgets/tasks/{task_id}",
  params: z.strictObject({ task_id: z.uuid() }),
  summary: "What one task of a run that goes on may cost",
});

export const budgetRoutes = [listBudgets, setWorkspaceBudget, setDayBudget, setUserBudget, setUserDayBudget, setRunBudget, setTaskBudget];

import { accountRoutes } from "../shared/auth/contracts/accounts.ts";
import { apiKeyRoutes } from "../shared/auth/contracts/api-keys.ts";
import { modelRoutes } from "../shared/llm/contracts/models.ts";
import { memoryRoutes } from "../shared/memory/contract.ts";
import { agentRoutes } from "../shared/orchestration/contracts/agents.ts";
import { budgetRoutes } from "../shared/orchestration/contracts/budgets.ts";
import { diffRoutes } from "../shared/orchestration/contracts/diff.ts";
import { eventRoutes } from "../shared/orchestration/contracts/events.ts";
import { forkRoutes } from "../shared/orchestration/contracts/forks.ts";
import { inboxRoutes } from "../shared/orchestration/contracts/inbox.ts";
import { journalRoutes } from "../shared/orchestration/contracts/journal.ts";
import { planRoutes } from "../shared/orchestration/contracts/plans.ts";
import { replanRoutes } from "../shared/orchestration/contracts/replan.ts";
import { replayRoutes } from "../shared/orchestration/contracts/replay.ts";
import { runRoutes } from "../shared/orchestration/contracts/runs.ts";
import { scorecardRoutes } from "../shared/orchestration/contracts/scorecards.ts";
import { taskRoutes } from "../shared/orchestration/contracts/tasks.ts";
import { gatewayRoutes } from "../shared/platform/api/contract.ts";
import type { Route } from "../shared/platform/api/route.ts";
import { toolRoutes } from "../shared/tools/contract.ts";
import { executionRoutes } from "../shared/tools/contracts/executions.ts";
import { usageRoutes } from "../shared/usage/contract.ts";
import type { FunctionEntry } from "./function-table.ts";

/** A route and the function that answers it, by its path below `functions/` as in `function-table.ts`. */
export type ServedRoute = { readonly route: Route; readonly entry: FunctionEntry };

/**
 * Every route there is. API Gateway, the embedded server and the OpenAPI document are made of this list; it imports contracts only. A
 * function streams or it does not, so routes with `stream` have functions of their own.
 */
export const routeTable: readonly ServedRoute[] = [
  ...serve("gateway/http", gatewayRoutes),
  ...serve("auth/http", [...accountRoutes, ...apiKeyRoutes]),
  ...serve("planner/http", [
    ...taskRoutes,
    ...planRoutes,
    ...runRoutes,
    ...forkRoutes,
    ...replayRoutes,
    ...diffRoutes,
    ...journalRoutes,
    ...replanRoutes,
  ]),
  ...serve("planner/events", eventRoutes),
  ...serve("orchestrator/http", [...agentRoutes, ...scorecardRoutes, ...budgetRoutes, ...inboxRoutes]),
  ...serve("memory/http", memoryRoutes),
  ...serve("ai-runtime/http", [...modelRoutes, ...usageRoutes]),
  ...serve("tool-runner/http", [...toolRoutes, ...executionRoutes]),
];

function serve(entry: FunctionEntry, routes: readonly Route[]): ServedRoute[] {
  return routes.map((route) => ({ route, entry }));
}

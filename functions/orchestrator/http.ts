import { bindAgents } from "../../shared/orchestration/bind-agents.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { readVariable } from "../../shared/platform/config/env.ts";
import { sharedDatabase } from "../../shared/platform/db/shared-database.ts";

const openDb = () => sharedDatabase(readVariable("DATABASE_URL"));
const openRuns = async () => (await import("../../shared/orchestration/open-runs.ts")).openRuns();

export const handler = handleService("orchestrator", [
  ...bindAgents(openDb),
  {
    below: ["/v1/budgets"],
    load: async () => (await import("../../shared/orchestration/budgets/bind-budgets.ts")).bindBudgets(openDb, openRuns),
  },
]);

import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { readVariable } from "../../shared/platform/config/env.ts";
import { sharedDatabase } from "../../shared/platform/db/shared-database.ts";

const openDb = () => sharedDatabase(readVariable("DATABASE_URL"));
const openRuns = async () => (await import("../../shared/orchestration/runs/open-runs.ts")).openRuns();

export const handler = handleService(
  "orchestrator",
  [
    {
      below: ["/v1/agents", "/v1/pool", "/v1/assignments"],
      load: async () => {
        const [{ bindAgents }, { bindScorecards }] = await Promise.all([
          import("../../shared/orchestration/pool/bind-agents.ts"),
          import("../../shared/orchestration/scorecards/bind-scorecards.ts"),
        ]);
        return [...bindAgents(openDb, openRuns), ...bindScorecards(openDb)];
      },
    },
    {
      below: ["/v1/inbox", "/v1/approvals"],
      load: async () => (await import("../../shared/orchestration/approvals/bind-inbox.ts")).bindInbox(openDb, openRuns),
    },
    {
      below: ["/v1/budgets"],
      load: async () => (await import("../../shared/orchestration/budgets/bind-budgets.ts")).bindBudgets(openDb, openRuns),
    },
  ],
  { answerOnce: answerOnce(lookupTable) },
);

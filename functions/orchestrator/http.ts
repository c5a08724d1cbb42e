import { bindAgents } from "../../shared/orchestration/bind-agents.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { readVariable } from "../../shared/platform/config/env.ts";
import { sharedDatabase } from "../../shared/platform/db/shared-database.ts";

export const handler = handleService(
  "orchestrator",
  bindAgents(() => sharedDatabase(readVariable("DATABASE_URL"))),
);

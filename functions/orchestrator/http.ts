import { bindAgents } from "../../shared/orchestration/bind-agents.ts";
import { openConductor } from "../../shared/orchestration/open-conductor.ts";
import { handleService } from "../../shared/platform/api/handle.ts";

export const handler = handleService(
  "orchestrator",
  bindAgents(async () => (await openConductor()).db),
);

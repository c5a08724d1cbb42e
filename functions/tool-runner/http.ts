import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { bindTools } from "../../shared/tools/bind-tools.ts";

export const handler = handleService("tool-runner", [...bindTools(), { below: ["/v1/tools"], load: loadCalls }], {
  answerOnce: answerOnce(lookupTable),
});

async function loadCalls() {
  const [{ bindCalls }, { openRuns }, { openFollow }] = await Promise.all([
    import("../../shared/orchestration/calls/bind-calls.ts"),
    import("../../shared/orchestration/runs/open-runs.ts"),
    import("../../shared/orchestration/follow/open-follow.ts"),
  ]);
  return bindCalls(openRuns, openFollow);
}

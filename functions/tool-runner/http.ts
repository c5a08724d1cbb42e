import { bindCalls } from "../../shared/orchestration/bind-calls.ts";
import { openFollow } from "../../shared/orchestration/open-follow.ts";
import { openRuns } from "../../shared/orchestration/open-runs.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { bindTools } from "../../shared/tools/bind-tools.ts";

export const handler = handleService("tool-runner", [...bindTools(), ...bindCalls(openRuns, openFollow)], {
  answerOnce: answerOnce(lookupTable),
});

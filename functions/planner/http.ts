import { bindRuns } from "../../shared/orchestration/bind-runs.ts";
import { bindTasks } from "../../shared/orchestration/bind-tasks.ts";
import { openRuns } from "../../shared/orchestration/open-runs.ts";
import { s3RunFiles } from "../../shared/orchestration/s3-run-files.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";

export const handler = handleService("planner", [...bindTasks(openRuns, s3RunFiles.store), ...bindRuns(openRuns, s3RunFiles)], {
  answerOnce: answerOnce(lookupTable),
});

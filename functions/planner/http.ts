import { bindRuns } from "../../shared/orchestration/bind-runs.ts";
import { bindTasks } from "../../shared/orchestration/bind-tasks.ts";
import { s3RunFiles } from "../../shared/orchestration/s3-run-files.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { readVariable } from "../../shared/platform/config/env.ts";
import { sharedDatabase } from "../../shared/platform/db/shared-database.ts";

const openDb = () => sharedDatabase(readVariable("DATABASE_URL"));
const openRuns = async () => (await import("../../shared/orchestration/open-runs.ts")).openRuns();

export const handler = handleService(
  "planner",
  [...bindTasks(openDb, openRuns, s3RunFiles.store), ...bindRuns(openDb, openRuns, s3RunFiles)],
  { answerOnce: answerOnce(lookupTable) },
);

import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { readVariable } from "../../shared/platform/config/env.ts";
import { sharedDatabase } from "../../shared/platform/db/shared-database.ts";

const openDb = () => sharedDatabase(readVariable("DATABASE_URL"));
const openRuns = async () => (await import("../../shared/orchestration/runs/open-runs.ts")).openRuns();

const loadFiles = async () => (await import("../../shared/orchestration/runs/s3-run-files.ts")).s3RunFiles;

const loadJournal = () => import("../../shared/orchestration/journal/bind-journal.ts");

const loadPlans = async () => (await import("../../shared/orchestration/plans/bind-plans.ts")).bindPlans(openRuns);

export const handler = handleService(
  "planner",
  [
    {
      below: ["/v1/tasks"],
      load: async () => {
        const [{ bindTasks }, { bindLogs }, plans, files] = await Promise.all([
          import("../../shared/orchestration/runs/bind-tasks.ts"),
          loadJournal(),
          loadPlans(),
          loadFiles(),
        ]);
        return [...bindTasks(openDb, openRuns, files.store), ...bindLogs(openDb), ...plans];
      },
    },
    { below: ["/v1/plans"], load: loadPlans },
    {
      below: ["/v1/runs"],
      load: async () => {
        const [{ bindRuns }, { bindEffects }, { bindReplay }, { bindForks }, { bindDiff }, { bindReplan }, files] = await Promise.all([
          import("../../shared/orchestration/runs/bind-runs.ts"),
          loadJournal(),
          import("../../shared/orchestration/replay/bind-replay.ts"),
          import("../../shared/orchestration/fork/bind-forks.ts"),
          import("../../shared/orchestration/diff/bind-diff.ts"),
          import("../../shared/orchestration/replan/bind-replan.ts"),
          loadFiles(),
        ]);
        const reading = [...bindEffects(openDb), ...bindReplay(openDb), ...bindDiff(openDb), ...bindReplan(openRuns)];
        return [...bindRuns(openDb, openRuns, files), ...reading, ...bindForks(openRuns, files)];
      },
    },
  ],
  { answerOnce: answerOnce(lookupTable) },
);

import { readPlanToApprove } from "../../shared/orchestration/plan-contract/sql.ts";
import { findPlanOfTask, readPastTasks } from "../../shared/orchestration/plans/sql.ts";
import { listRuns } from "../../shared/orchestration/sql/read-runs.ts";
import { findTask, listTasks } from "../../shared/orchestration/sql/read-tasks.ts";
import type { Queryable } from "../../shared/platform/db/database.ts";

type Place = { workspaceId: string; runId: string; child: string; midRunId: string; running: { taskId: string } };

const page = { before: undefined, limit: 10 };
const created = { created_after: new Date(0).toISOString(), created_before: new Date(Date.now() + 60_000).toISOString() };

/** What the planner's routes read, on what is in `statements.test.ts`'s database. */
export function plannerStatements(here: () => Place): Record<string, (db: Queryable) => Promise<unknown>> {
  return {
    findPlanOfTask: (db) => findPlanOfTask(db, here().child),
    async readPastTasks(db) {
      const past = await readPastTasks(db, here().workspaceId);
      return ["planner", "executor", "critic", "summarizer"].every((kind) =>
        past.some((task) => task.kind === kind && task.calls.length > 0),
      );
    },
    readPlanToApprove: async (db) => (await readPlanToApprove(db, here().midRunId)).tasks,
    findTask: (db) => findTask(db, here().running.taskId),
    listRuns: (db) => listRuns(db, { ...page, ...created, status: "completed", query: "FILL" }),
    async listTasks(db) {
      const { runId: run_id, running } = here();
      const parent_task_id = (await findTask(db, running.taskId))?.parent_task_id ?? "";
      const lists = [
        await listTasks(db, { ...page, ...created, run_id, status: "completed", query: "TASK" }),
        await listTasks(db, { ...page, parent_task_id }),
        await listTasks(db, { ...page, kind: "executor" }),
        await listTasks(db, page),
      ];
      const [task] = lists[0] ?? [];
      const own = await listTasks(db, { ...page, run_id, parent_task_id: task?.parent_task_id ?? "" });
      return [...lists, own].every((list) => list.length > 0);
    },
  };
}

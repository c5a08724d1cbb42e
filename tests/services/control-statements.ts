import { listEffects, listLogs } from "../../shared/orchestration/journal/sql.ts";
import { hasCompletedTask, readOpenRowsOfTask } from "../../shared/orchestration/sql/control-task.ts";
import { insertFork, type NewFork, readCallsOfTask, readForkSource } from "../../shared/orchestration/sql/fork.ts";
import { readComparedRuns } from "../../shared/orchestration/sql/read-compared-runs.ts";
import { readRecordedAttempts } from "../../shared/orchestration/sql/read-recorded-attempts.ts";
import { findRun } from "../../shared/orchestration/sql/read-runs.ts";
import { updateTask } from "../../shared/orchestration/sql/update-task.ts";
import { readGrounds } from "../../shared/orchestration/subtasks/sql.ts";
import type { Queryable } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";

/** A fork of one task of a run, edited in everything that can be. */
function forkOf(workspaceId: string, runId: string, taskId: string, forkId: string): NewFork {
  const now = new Date();
  return {
    run_id: forkId,
    root_task_id: uuidv7(),
    budget_id: uuidv7(),
    workspace_id: workspaceId,
    user_id: workspaceId,
    from_run_id: runId,
    from_task_id: taskId,
    options: { model: "local:scripted", files: [] },
    limit_nano: 1n,
    open_tasks: 1,
    facts: [{ type: "run-forked", from_run_id: runId, from_task_id: taskId }],
    tasks: [
      {
        id: uuidv7(),
        from_id: taskId,
        parent_task_id: null,
        status: "pending",
        depends_on: [],
        pending: 0,
        description: "another",
        overrides: { model: "local:other" },
        result_payload_id: null,
        result_sha256: null,
      },
    ],
    given: { id: uuidv7(), sha256: "5".repeat(64), body: 1 },
    now,
    deadline: now,
  };
}

/** What control of a task, replay, fork and diff send, each on rows that are there. */
export function controlStatements(
  place: () => { workspaceId: string; runId: string; midRunId: string; running: { taskId: string }; child: string },
): Record<string, (db: Queryable) => Promise<unknown>> {
  const firstTask = async (db: Queryable) => (await readForkSource(db, place().runId))?.tasks[0]?.id ?? "";
  return {
    readOpenRowsOfTask: (db) => readOpenRowsOfTask(db, place().running.taskId),
    readGrounds: (db) => readGrounds(db, [place().running.taskId], new Date()),
    updateTask: (db) => updateTask(db, place().child, { name: "another", policy: {}, requires_approval: false }, new Date()),
    hasCompletedTask: (db) => hasCompletedTask(db, place().runId),
    readRecordedAttempts: (db) => readRecordedAttempts(db, place().runId, undefined),
    readForkSource: (db) => readForkSource(db, place().runId),
    readCallsOfTask: async (db) => readCallsOfTask(db, await firstTask(db)),
    listEffects: (db) =>
      listEffects(db, place().runId, { state: "done", kind: "tool", safety: "repeatable", before: undefined, limit: 10 }),
    listLogs: async (db) => listLogs(db, await firstTask(db), { level: "info", after: undefined, limit: 10 }),
    readComparedRuns: (db) => readComparedRuns(db, [place().runId, place().midRunId]),
    async insertFork(db) {
      const { workspaceId, runId } = place();
      const forkId = uuidv7();
      await insertFork(db, forkOf(workspaceId, runId, await firstTask(db), forkId));
      return (await findRun(db, forkId))?.tasks;
    },
  };
}

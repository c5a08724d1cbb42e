import { changeRun } from "../../shared/orchestration/commit/change-run.ts";
import type { ConductorDeps } from "../../shared/orchestration/deps.ts";
import type { NewTask } from "../../shared/orchestration/domain/batch.ts";
import { storePlan } from "../../shared/orchestration/domain/judge-tasks.ts";
import { createRun } from "../../shared/orchestration/runs/create-run.ts";
import type { BenchWorkspace } from "./open-bench.ts";
import type { Shape } from "./shapes.ts";

/** Listed, so that every effect takes holds on the budgets of its run and of its workspace. */
const MODEL = "openai:gpt-4o-mini";
/** A thousand dollars: never the reason why something waits. */
const LIMIT = 1_000_000_000_000n;

/** A run whose plan was accepted, up to the message that begins to carry it out. Answers its id. */
export async function layOutDag(deps: ConductorDeps, { workspaceId, executorId }: BenchWorkspace, shape: Shape): Promise<string> {
  const runId = deps.newId();
  const request = { runId, workspaceId, userId: workspaceId, goal: "carry out a DAG", files: [], model: MODEL, limit: LIMIT };
  await createRun(deps, request);
  const tasks = planOf(shape, executorId, deps.newId);
  await changeRun(deps, { role: "engine" }, runId, "run", (board, run) => storePlan(board, run, tasks));
  return runId;
}

function planOf(shape: Shape, executorId: string, newId: () => string): NewTask[] {
  const ids = shape.map(() => newId());
  return shape.map((parents, index) => ({
    id: ids[index] ?? "",
    kind: "executor",
    ordinal: index + 1,
    name: `Task ${index + 1}`,
    description: `Do what task ${index + 1} says`,
    complexity: "low",
    required_capabilities: [],
    depends_on: parents.map((parent) => ids[parent] ?? ""),
    estimated_duration_seconds: 1,
    fallback_strategy: "fail",
    policy: {},
    agent_id: executorId,
  }));
}

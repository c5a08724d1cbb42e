import { CriticAnswer, ExecutorAnswer, Plan, type PlannedTask, SummarizerAnswer } from "../../shared/agents/contract.ts";
import { type LlmAnswer, LlmCall, type Turn } from "../../shared/llm/contract.ts";
import { createOfflineProvider } from "../../shared/llm/hands/offline/provider.ts";
import { AppError } from "../../shared/platform/errors.ts";
import type { JsonObject, JsonValue } from "../../shared/platform/json.ts";
import { createTools, type Tools } from "./in-memory-tools.ts";
import type { GoalRun, GoalTask, RunGoal } from "./run-goal.ts";

const TOOLS = ["execute_javascript", "read_file", "write_file"];
const MOST_TURNS = 20;

const provider = createOfflineProvider();

async function ask(name: string, variables: JsonObject, more: Partial<LlmCall> = {}): Promise<LlmAnswer> {
  const call = LlmCall.parse({
    model: "offline:offline-rules-v1",
    prompt: { name, version: 1 },
    variables,
    inputs: [],
    turns: [],
    tools: [],
    max_output_tokens: 4_000,
    temperature: null,
    ...more,
  });
  const { answer } = await provider.complete(call, { signal: new AbortController().signal });
  return answer;
}

/**
 * Runs a goal as the orchestrator does, without it: plan, tasks as their dependencies complete, review, summary. A failed task
 * cancels those that depend on it.
 */
export const runGoalInMemory: RunGoal = async ({ goal, files }) => {
  const workspace = new Map(Object.entries(files));
  const finish = (status: GoalRun["status"], tasks: readonly GoalTask[], error?: string): GoalRun => ({
    status,
    tasks,
    files: Object.fromEntries(workspace),
    ...(error === undefined ? {} : { error }),
  });
  try {
    const planned = await ask("planner", { goal, files: listFiles(workspace), memories: [] });
    const plan = Plan.parse(JSON.parse(planned.text));
    const tasks = await runTasks(goal, plan.tasks, workspace, createTools(workspace));
    const failed = tasks.find((task) => task.status === "failed");
    if (failed !== undefined) return finish("failed", tasks, failed.error);
    return (await closeRun(goal, tasks)) ? finish("completed", tasks) : finish("failed", tasks, "the critic refused the results");
  } catch (error) {
    if (error instanceof AppError) return finish("failed", [], `${error.code}: ${error.detail}`);
    throw error;
  }
};

function listFiles(workspace: ReadonlyMap<string, string>): { path: string; bytes: number }[] {
  return [...workspace].map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function runTasks(
  goal: string,
  planned: readonly PlannedTask[],
  workspace: ReadonlyMap<string, string>,
  tools: Tools,
): Promise<GoalTask[]> {
  const ordinals = new Map(planned.map((task, index) => [task.id, index + 1]));
  const ended = new Map<number, GoalTask>();
  while (ended.size < planned.length) {
    const before = ended.size;
    for (const [index, task] of planned.entries()) {
      const parents = task.dependencies.map((id) => ended.get(ordinals.get(id) ?? 0));
      if (ended.has(index + 1) || parents.includes(undefined)) continue;
      const known = { ordinal: index + 1, name: task.name, depends_on: task.dependencies.map((id) => ordinals.get(id) ?? 0) };
      const done = parents.flatMap((parent) => (parent === undefined ? [] : [parent])).sort((a, b) => a.ordinal - b.ordinal);
      if (done.some((parent) => parent.status !== "completed")) ended.set(index + 1, { ...known, status: "cancelled", result: null });
      else ended.set(index + 1, { ...known, ...(await runTask(goal, known.ordinal, task, done, workspace, tools)) });
    }
    if (ended.size === before) throw new Error("the plan has a cycle");
  }
  return [...ended.values()].sort((a, b) => a.ordinal - b.ordinal);
}

type TaskEnd = { readonly status: "completed" | "failed"; readonly result: JsonValue; readonly error?: string };

async function runTask(
  goal: string,
  ordinal: number,
  task: PlannedTask,
  parents: readonly GoalTask[],
  workspace: ReadonlyMap<string, string>,
  tools: Tools,
): Promise<TaskEnd> {
  const inputs = parents.map(({ ordinal: parent, name, result }) => ({ ordinal: parent, name, result }));
  const variables = { goal, task: { ordinal, name: task.name, description: task.description }, files: listFiles(workspace) };
  const turns: Turn[] = [];
  while (turns.length < MOST_TURNS * 2) {
    const answer = await ask("executor", variables, { inputs, turns, tools: TOOLS });
    if (answer.finish_reason === "stop") {
      const { status, output, error } = ExecutorAnswer.parse(JSON.parse(answer.text));
      return status === "success" ? { status: "completed", result: output.result } : { status: "failed", result: null, error };
    }
    turns.push({ kind: "answer", text: answer.text, tool_calls: answer.tool_calls });
    for (const { id, name, arguments: args } of answer.tool_calls)
      turns.push({ kind: "tool", call_id: id, name, ...(await tools.call(name, args)) });
  }
  throw new Error(`task ${ordinal} did not end within ${MOST_TURNS} turns`);
}

async function closeRun(goal: string, tasks: readonly GoalTask[]): Promise<boolean> {
  const variables = { goal, tasks: tasks.map(({ ordinal, name, status }) => ({ ordinal, name, status })) };
  const inputs = tasks.map(({ ordinal, name, result }) => ({ ordinal, name, result }));
  const review = CriticAnswer.parse(JSON.parse((await ask("critic", variables, { inputs })).text));
  SummarizerAnswer.parse(JSON.parse((await ask("summarizer", variables, { inputs })).text));
  return review.approved;
}

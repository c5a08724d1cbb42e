import type { ForkRequest } from "../../shared/orchestration/contracts/forks.ts";
import { forkRun, previewFork } from "../../shared/orchestration/fork/fork-run.ts";
import type { RunFiles } from "../../shared/orchestration/runs/bind-runs.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { inspectRun } from "./inspect.ts";
import { postGoal, settleWorld, type World } from "./open-world.ts";
import type { Script } from "./scripted-hands.ts";

export const actorOf = ({ workspaceId }: World) => ({ role: "app", workspaceId, userId: workspaceId }) as const;
const runsOf = ({ deps }: World) => ({ ...deps, defaultModel: "local:scripted" });

/** A bucket as a map, by run and path. */
export function createFiles(): RunFiles & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  const listOf = (runId: string) => [...kept].filter(([key]) => key.startsWith(`${runId}/`));
  return {
    kept,
    store: async ({ runId, path }, content) => void kept.set(`${runId}/${path}`, content),
    list: async ({ runId }) => listOf(runId).map(([key, content]) => ({ path: key.slice(runId.length + 1), bytes: content.length })),
    find: async ({ runId, path }) => kept.get(`${runId}/${path}`),
  };
}

/** Posts a goal and lets everything happen. */
export async function finishRun(world: World, script: Script): Promise<string> {
  const runId = await postGoal(world, "some letters", 100_000n);
  await settleWorld(world, script);
  return runId;
}

/** The id of a planned task by its one letter. */
export async function taskNamed(world: World, runId: string, name: string): Promise<string> {
  return (await inspectRun(world, runId)).run.tasks.find((task) => task.name === `Task ${name}`)?.id ?? "";
}

export function preview(world: World, runId: string, request: ForkRequest) {
  return previewFork(runsOf(world), actorOf(world), runId, request);
}

/** Forks a run and lets everything happen; `executed`: ordinals of the tasks that were begun. */
export async function fork(world: World, runId: string, request: ForkRequest, script: Script, files = createFiles()) {
  const forkId = uuidv7();
  const bill = await forkRun({ ...runsOf(world), files }, actorOf(world), runId, forkId, request);
  await settleWorld(world, script);
  const { run, facts } = await inspectRun(world, forkId);
  const started = facts.flatMap(({ fact }) => (fact.type === "task-started" && fact.ordinal > 0 ? [fact.ordinal] : []));
  return { forkId, bill, run, facts, executed: started.toSorted((left, right) => left - right) };
}

export const ordinals = (tasks: readonly { ordinal: number }[]) => tasks.map(({ ordinal }) => ordinal);

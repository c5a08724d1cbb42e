import { decide } from "../../agents/domain/decide.ts";
import { nameFinishedTask } from "../../agents/domain/finished-task.ts";
import type { Briefing, CallBriefing, Intent } from "../../agents/domain/journal.ts";
import type { InputReference } from "../../llm/contract.ts";
import type { JsonObject } from "../../platform/json.ts";
import { PROPOSE_SUBTASKS, workingToolNames } from "../../tools/safety.ts";
import type { ConductorDeps } from "../deps.ts";
import type { NewEffect, NewPayload, Start } from "../domain/batch.ts";
import type { StartableTask } from "../sql/read-startable.ts";
import { draftEffects, draftPayload, UnpricedModel } from "./draft.ts";

/**
 * Decides how a task would begin: its briefing and first effects. `justDone` holds the results of parents that complete in the same batch.
 * A call without a price begins with no effect at all: the next look at the idle attempt fails it with the reason.
 */
export function draftStart(deps: ConductorDeps, task: StartableTask, justDone: ReadonlyMap<string, NewPayload> = new Map()): Start {
  const briefing: Briefing | CallBriefing = task.kind === "call" ? { role: "caller", call: task.call } : briefTask(deps, task, justDone);
  const next = decide(briefing, []);
  const bytes = task.parents.reduce((sum, parent) => sum + (parent.bytes ?? sizeOf(justDone.get(parent.task_id))), 0);
  return {
    task_id: task.task_id,
    attempt_id: deps.newId(),
    number: task.attempts + 1,
    revision: task.revision,
    agent_id: task.agent_id,
    briefing: draftPayload(deps, briefing),
    relies_on: task.parents.flatMap(({ task_id, payload_id }) => {
      const fresh = payload_id === null ? justDone.get(task_id) : undefined;
      return fresh === undefined ? [] : [{ task_id, payload_id: fresh.id }];
    }),
    effects: next.kind === "effects" ? draftPriced(deps, next.intents, bytes) : [],
  };
}

function draftPriced(deps: ConductorDeps, intents: readonly Intent[], bytes: number): NewEffect[] {
  try {
    return draftEffects(deps, intents, 0, bytes);
  } catch (error) {
    if (error instanceof UnpricedModel) return [];
    throw error;
  }
}

type ThinkingTask = Exclude<StartableTask, { kind: "call" }>;

function briefTask(deps: Pick<ConductorDeps, "hashPrompt">, task: ThinkingTask, justDone: ReadonlyMap<string, NewPayload>): Briefing {
  const { agent, policy } = task;
  return {
    role: task.kind,
    model: modelOf(task),
    ...promptOf(deps, task),
    max_output_tokens: agent.max_tokens,
    temperature: agent.temperature === null ? null : Math.round(agent.temperature * 1_000) / 1_000,
    variables: variablesOf(task),
    inputs: inputsOf(task, justDone),
    tools: toolsOf(task),
    ...(isReplanning(task) ? { last_ordinal: Math.max(0, ...task.parents.map(({ ordinal }) => ordinal)) } : {}),
    ...(task.kind === "executor" && policy.acceptance !== undefined ? { acceptance: policy.acceptance } : {}),
    ...(task.divided === null ? {} : { spared_attempts: task.divided.attempts }),
  };
}

/** A task may be divided once, as deep as its run allows. */
function toolsOf({ kind, subtask_depth, divided, options }: ThinkingTask): string[] {
  if (kind !== "planner" && kind !== "executor") return [];
  const mayDivide = kind === "executor" && divided === null && subtask_depth < (options.max_subtask_depth ?? 0);
  return [...workingToolNames, ...(mayDivide ? [PROPOSE_SUBTASKS] : [])];
}

/** What a fork edited wins over the agent, and a fallback over both. */
function modelOf({ agent, options, policy, on_fallback, overrides }: ThinkingTask): string {
  if (on_fallback && policy.fallback?.kind === "model") return policy.fallback.model;
  return overrides?.model ?? (agent.model === "default" ? options.model : agent.model);
}

function promptOf({ hashPrompt }: Pick<ConductorDeps, "hashPrompt">, task: ThinkingTask): Pick<Briefing, "prompt" | "prompt_sha256"> {
  const prompt = choosePrompt(task);
  const hash = hashPrompt(prompt.name, prompt.version);
  return { prompt, ...(hash === undefined ? {} : { prompt_sha256: hash }) };
}

/** A goal is planned first by the agent's own prompt; a plan that follows another has a prompt that knows what came of the one before. */
function choosePrompt(task: ThinkingTask): Briefing["prompt"] {
  if (isReplanning(task)) return { name: "replanner", version: 1 };
  return { name: task.kind, version: Number.parseInt((task.overrides?.prompt_version ?? task.agent.prompt_version).replace(/^v/, ""), 10) };
}

function isReplanning({ kind, replans }: ThinkingTask): boolean {
  return kind === "planner" && replans.length > 0;
}

/** Whoever plans is shown what completed, and only after a plan before. */
function inputsOf(task: ThinkingTask, justDone: ReadonlyMap<string, NewPayload>): InputReference[] {
  if (task.kind !== "planner") return task.parents.map((parent) => referTo(parent, justDone));
  return isReplanning(task) ? finishedOf(task).map((parent) => referTo(parent, justDone)) : [];
}

function finishedOf(task: ThinkingTask): ThinkingTask["parents"] {
  return task.parents.filter(({ status }) => status === "completed");
}

function variablesOf(task: ThinkingTask): JsonObject {
  switch (task.kind) {
    case "planner":
      return { goal: describeGoal(task), files: task.options.files, ...(isReplanning(task) ? variablesOfReplan(task) : {}) };
    case "executor":
      return {
        goal: task.goal,
        task: { ordinal: task.ordinal, name: task.name, description: describeTask(task) },
        files: task.options.files,
      };
    case "critic":
    case "summarizer":
      return { goal: task.goal, tasks: task.parents.map(({ ordinal, name, status }) => ({ ordinal, name, status })) };
  }
}

/** What a person added is served like the goal; reasons for another plan are only material to judge. */
function describeGoal({ goal, replans }: ThinkingTask): string {
  const notes = replans.flatMap(({ note }) => note ?? []);
  return notes.length === 0 ? goal : `${goal}\n\nAdded by the person since:\n${notes.join("\n")}`;
}

function variablesOfReplan({ parents, replans }: ThinkingTask): JsonObject {
  const tasks = parents.map(({ ordinal, name, status }) => ({
    id: status === "completed" ? nameFinishedTask(ordinal) : "",
    ordinal,
    name,
    status,
  }));
  return { tasks, reasons: replans.map(({ cause, detail }) => ({ cause, detail })) };
}

/** What is asked for now, with what was wrong with the result that was asked for last. */
function describeTask({ description, policy, on_fallback, error, divided }: ThinkingTask): string {
  const asked = on_fallback && policy.fallback?.kind === "task" ? policy.fallback.description : description;
  const wanted =
    divided === null
      ? asked
      : `${asked}\n\nIt was divided. Finish it from the results of its subtasks: ${divided.ordinals.join(", ")}. ${divided.notes ?? ""}`;
  if (error?.code !== "acceptance-failed") return wanted;
  return `${wanted}\n\nAn earlier result was not accepted:\n${error.detail}`;
}

function referTo(parent: StartableTask["parents"][number], justDone: ReadonlyMap<string, NewPayload>): InputReference {
  const { ordinal, name, task_id, payload_id, sha256 } = parent;
  if (payload_id !== null && sha256 !== null) return { ordinal, name, task_id, result: { payload_id, sha256 } };
  const fresh = justDone.get(task_id);
  return { ordinal, name, task_id, result: fresh === undefined ? null : { payload_id: fresh.id, sha256: fresh.sha256 } };
}

function sizeOf(payload: NewPayload | undefined): number {
  return payload === undefined ? 0 : Buffer.byteLength(JSON.stringify(payload.body));
}

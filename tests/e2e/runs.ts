import * as z from "zod";
import { Run } from "../../shared/orchestration/contracts/runs.ts";
import type { Api } from "./api.ts";

const Started = z.object({ run_id: z.uuid(), task_id: z.uuid() });

const Facts = z.object({ facts: z.array(z.looseObject({ number: z.int(), at: z.string(), type: z.string() })), ended: z.boolean() });
export type LoggedFact = z.infer<typeof Facts>["facts"][number];

export async function postGoal(api: Api, goal: string, more: object = {}): Promise<{ runId: string; taskId: string }> {
  const { run_id, task_id } = await api.post("/v1/tasks", { goal, ...more }, Started);
  return { runId: run_id, taskId: task_id };
}

export function getRun(api: Api, runId: string): Promise<Run> {
  return api.get(`/v1/runs/${runId}`, Run);
}

/** All facts of a run so far, from its log. */
export async function readFacts(api: Api, runId: string): Promise<LoggedFact[]> {
  const { facts } = await api.get(`/v1/runs/${runId}/events?wait=0`, Facts);
  return facts;
}

/** Follows a run by long polls until a fact of one of these kinds, or its end; answers all facts up to there. */
export async function followUntil(api: Api, runId: string, ...types: readonly string[]): Promise<LoggedFact[]> {
  const seen: LoggedFact[] = [];
  for (;;) {
    const { facts, ended } = await api.get(`/v1/runs/${runId}/events?after=${seen.at(-1)?.number ?? 0}&wait=20`, Facts);
    seen.push(...facts);
    if (ended || facts.some((fact) => types.includes(fact.type))) return seen;
  }
}

/** Posts a goal and answers the run when it has ended. */
export async function pursueGoal(api: Api, goal: string, more: object = {}): Promise<Run> {
  const { runId } = await postGoal(api, goal, more);
  await followUntil(api, runId);
  return getRun(api, runId);
}

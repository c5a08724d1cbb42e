import * as z from "zod";
import { Run, RunFile } from "../../shared/orchestration/contracts/runs.ts";
import { openApi } from "../e2e/api.ts";
import { startServer } from "../e2e/start-server.ts";
import type { RunGoal } from "./run-goal.ts";

const Facts = z.object({ facts: z.array(z.looseObject({ number: z.int() })), ended: z.boolean() });

/** Runs goals as a person would: over HTTP, on the whole product, with its planner, queues, sandbox and files. */
export async function openEmbeddedRunner(): Promise<{ runGoal: RunGoal; close: () => Promise<void> }> {
  const server = await startServer();
  const api = openApi(server.url, server.apiKey);

  const runGoal: RunGoal = async ({ goal, files }) => {
    const given = Object.entries(files).map(([path, content]) => ({ path, content }));
    const { run_id: runId } = await api.post("/v1/tasks", { goal, files: given }, z.object({ run_id: z.string() }));
    for (let after = 0, ended = false; !ended; ) {
      const news = await api.get(`/v1/runs/${runId}/events?after=${after}&wait=25`, Facts);
      after = news.facts.at(-1)?.number ?? after;
      ended = news.ended;
    }
    const run = await api.get(`/v1/runs/${runId}`, Run);
    const listed = await api.get(`/v1/runs/${runId}/files`, z.object({ files: z.array(RunFile) }));
    const texts = await Promise.all(
      listed.files.map(async ({ path }) => {
        const place = path.split("/").map(encodeURIComponent).join("/");
        return [path, (await api.call("GET", `/v1/runs/${runId}/files/${place}`)).text] as const;
      }),
    );
    return {
      status: run.status === "completed" ? "completed" : "failed",
      ...(run.error === null ? {} : { error: `${run.error.code}: ${run.error.detail}` }),
      tasks: run.tasks
        .filter((task) => task.kind === "executor")
        .map(({ ordinal, name, status, depends_on, result, error }) => ({
          ordinal,
          name,
          status,
          depends_on,
          result,
          ...(error === null ? {} : { error: `${error.code}: ${error.detail}` }),
        })),
      files: Object.fromEntries(texts),
    };
  };
  return { runGoal, close: server.close };
}

import * as z from "zod";
import type { Run } from "../shared/orchestration/contracts/runs.ts";

/** The one document that `--json` prints. */
export const GoalReport = z.object({
  version: z.literal(1),
  run_id: z.string(),
  status: z.string(),
  error: z.object({ code: z.string(), detail: z.string() }).optional(),
  tasks: z.array(
    z.object({
      ordinal: z.int(),
      name: z.string(),
      status: z.string(),
      depends_on: z.array(z.int()),
      agent: z.string().nullable(),
      attempts: z.int(),
      duration_ms: z.int().nullable(),
      error: z.object({ code: z.string(), detail: z.string() }).optional(),
    }),
  ),
  result: z.json(),
  files: z.array(z.object({ path: z.string(), bytes: z.int() })),
  memories: z.array(z.object({ id: z.string(), content: z.string() })),
  usage: z.array(
    z.object({ model: z.string(), calls: z.int(), input_tokens: z.int(), output_tokens: z.int(), cost_usd: z.string().nullable() }),
  ),
  budget: z.object({ limit_usd: z.string().nullable(), spent_usd: z.string(), held_usd: z.string() }),
});
export type GoalReport = z.infer<typeof GoalReport>;

/** What a person asked for and got: the tasks of the plan, without the ones that planned, reviewed and summarised it. */
export function reportRun(run: Run, files: GoalReport["files"]): GoalReport {
  return {
    version: 1,
    run_id: run.id,
    status: run.status,
    ...(run.error === null ? {} : { error: shortError(run.error) }),
    tasks: run.tasks
      .filter((task) => task.kind === "executor")
      .map(({ ordinal, name, status, depends_on, agent, attempts, duration_ms, error }) => ({
        ordinal,
        name,
        status,
        depends_on,
        agent,
        attempts,
        duration_ms,
        ...(error === null ? {} : { error: shortError(error) }),
      })),
    result: run.result,
    files,
    memories: run.memories,
    usage: run.usage.map(({ model, calls, input_tokens, output_tokens, cost_usd }) => ({
      model,
      calls,
      input_tokens,
      output_tokens,
      cost_usd,
    })),
    budget: run.budget,
  };
}

function shortError({ code, detail }: { code: string; detail: string }): { code: string; detail: string } {
  return { code, detail };
}

import type { Queryable } from "../../platform/db/database.ts";
import { hashJson } from "../../platform/hash.ts";
import { parseJson } from "../../platform/json.ts";
import { formatUsd } from "../../platform/money.ts";
import type { PlanTerms } from "../domain/plan-contract/ask-for-plan.ts";
import { nameFiles } from "../domain/plan-contract/name-files.ts";
import { loadEstimates } from "../plans/load-estimates.ts";
import { readPlanToApprove } from "./sql.ts";

/**
 * What a person approves of a plan: its tasks by their hash, the tools that they require, the files that the goal and they name, what the run may
 * cost, and what it will take by the past of the workspace. The run must be locked.
 */
export async function drawUpTerms(db: Queryable, run: { id: string; workspace_id: string }, now: Date): Promise<PlanTerms> {
  const plan = await readPlanToApprove(db, run.id);
  const { estimate } = await loadEstimates(db, run.workspace_id, { defaultModel: plan.default_model, now });
  const { seconds, cost_usd, past_tasks, unknown } = estimate(plan.tasks);
  const tools = sortOnce(plan.tasks.flatMap(({ required_capabilities, policy }) => [...required_capabilities, ...listCheckTools(policy)]));
  const files = sortOnce([
    ...plan.files.map(({ path }) => path),
    ...nameFiles(plan.goal),
    ...plan.tasks.flatMap(({ description }) => nameFiles(description)),
  ]);
  const subject = {
    because: "plan",
    tasks: plan.tasks.length,
    plan_sha256: hashJson(parseJson(JSON.stringify(plan.tasks))),
    tools,
    files,
    limit_usd: plan.limit_nano === null ? null : formatUsd(plan.limit_nano),
    seconds,
    cost_usd,
    past_tasks,
    unknown: unknown.length,
  };
  return { sha256: hashJson(subject), tools, files, subject };
}

const TOOL_OF_CHECK: ReadonlyMap<string, string> = new Map([
  ["sandbox_test", "execute_javascript"],
  ["sql_assertion", "assert_sql"],
]);

/** What the checks are carried out by that are programs. */
function listCheckTools({ acceptance = [] }: { acceptance?: readonly { kind: string }[] }): string[] {
  return acceptance.flatMap(({ kind }) => TOOL_OF_CHECK.get(kind) ?? []);
}

function sortOnce(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}

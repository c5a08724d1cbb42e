import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import type { Identity } from "../../platform/api/route.ts";
import { notFound } from "../../platform/errors.ts";
import { JsonObject } from "../../platform/json.ts";
import {
  callExecuteJavascript,
  callReadFile,
  callWriteFile,
  getToolExecution,
  type ToolExecution,
} from "../../tools/contracts/executions.ts";
import { type FollowDeps, watchFacts } from "../follow/follow-run.ts";
import type { Runs } from "../runs/open-runs.ts";
import { type CallRow, findCall } from "../sql/calls.ts";
import { createCall } from "./create-call.ts";

/** Milliseconds from the request on. API Gateway gives a buffered answer 29 s. */
const LONGEST_WAIT = 20_000;

type Call = { body: object & { run_id?: string | undefined }; identity: Identity; now: Date };

export function bindCalls(openRuns: () => Promise<Runs>, openFollow: () => Promise<FollowDeps>): Binding[] {
  const answer = async (tool: string, writes: boolean, { body, identity, now }: Call, runId: string) => {
    const { run_id: workspaceRunId, ...given } = body;
    const { workspaceId, userId } = identity;
    const request = { runId, workspaceId, userId, tool, arguments: toArguments(given), workspaceRunId, writes };
    await createCall(await openRuns(), request);
    const execution = await awaitExecution(await openFollow(), identity, runId, now.getTime() + LONGEST_WAIT);
    if (execution.status !== "running") return { body: execution };
    return { status: 202, body: execution, headers: { location: `/v1/tools/executions/${runId}` } };
  };
  return [
    bindRoute(callExecuteJavascript, (request, newId) => answer("execute_javascript", false, request, newId)),
    bindRoute(callReadFile, (request, newId) => answer("read_file", false, request, newId)),
    bindRoute(callWriteFile, (request, newId) => answer("write_file", true, request, newId)),
    bindRoute(getToolExecution, async ({ identity, params }) => ({
      body: await readExecution(await openRuns(), identity, params.execution_id),
    })),
  ];
}

/** As the journal keeps them: fields that were not given are absent. */
function toArguments(given: object): JsonObject {
  return JsonObject.parse(JSON.parse(JSON.stringify(given)));
}

/** The call when it has ended, or as it stands when it asks a person or at `until` (milliseconds since the epoch). */
async function awaitExecution(deps: FollowDeps, identity: Identity, runId: string, until: number): Promise<ToolExecution> {
  const follower = { actor: actorOf(identity), runId, after: 0 };
  for await (const facts of watchFacts(deps, follower, until - deps.now())) {
    // A person takes longer than anybody waits on a line.
    if (facts.some(({ fact }) => fact.type === "inbox-item-opened")) break;
  }
  return readExecution(deps, identity, runId);
}

async function readExecution({ db }: Pick<Runs, "db">, identity: Identity, runId: string): Promise<ToolExecution> {
  const call = await db.transact(actorOf(identity), (connection) => findCall(connection, runId));
  if (call === undefined) throw notFound("The execution");
  return describeCall(call);
}

/** A call that waits or is paused goes on; one that was cancelled has failed for whoever made it. */
function describeCall({ id, workspace_run_id: run_id, tool, status, result, error }: CallRow): ToolExecution {
  const call = { id, run_id, tool };
  switch (status) {
    case "completed":
      return { ...call, status, output: result, error: null };
    case "failed":
      return { ...call, status, output: null, error: error === null ? null : { code: error.code, detail: error.detail } };
    case "cancelled":
      return { ...call, status: "failed", output: null, error: { code: "cancelled", detail: "The call was cancelled" } };
    default:
      return { ...call, status: "running", output: null, error: null };
  }
}

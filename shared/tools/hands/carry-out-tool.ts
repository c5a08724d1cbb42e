import type { S3Client } from "@aws-sdk/client-s3";
import * as z from "zod";
import type { ClaimedEffect, EffectOutcome } from "../../effects/contract.ts";
import { AppError } from "../../platform/errors.ts";
import { ToolRequest } from "../contracts/tool-request.ts";
import { type Invoke, invokeSandbox } from "./invoke-sandbox.ts";
import { runTool } from "./run-tool.ts";

export type ToolDeps = { getS3: () => Promise<S3Client>; bucket: string; invoke: Invoke; sandboxFunction: string };

/**
 * Carries out a claimed `tool` effect in the workspace of its run. A tool's failure is an outcome that no retry would change; throws
 * `invalid-request` for a request that is no call of a tool, and what only we can mend.
 */
export async function carryOutTool(deps: ToolDeps, effect: ClaimedEffect, signal: AbortSignal): Promise<EffectOutcome> {
  const request = ToolRequest.safeParse(effect.request);
  if (!request.success) throw new AppError("invalid-request", `The effect is not a call of a tool: ${z.prettifyError(request.error)}`);
  const { workspace_id: workspaceId, run_id: runId } = effect;
  const outcome = await runTool(request.data, {
    files: { s3: await deps.getS3(), bucket: deps.bucket, workspaceId, runId },
    runSandbox: (program, stop) => invokeSandbox({ invoke: deps.invoke, functionName: deps.sandboxFunction, workspaceId }, program, stop),
    signal,
  });
  if (outcome.ok) return { status: "done", result: outcome.output };
  return { status: "failed", error: { code: outcome.code, detail: outcome.detail, retryable: false } };
}

import type { JsonValue } from "../../platform/json.ts";
import { type SandboxRequest, SandboxResult } from "../sandbox/contract.ts";
import { SANDBOX_LIMITS } from "../sandbox/limits.ts";
import { limitTime } from "./limit-time.ts";

/** Beyond the program's own time: for a cold start and, in a process of few children, for the programs before it. */
export const ANSWER_MARGIN_SECONDS = 60;

/** Invokes a function by name and gives its answer; `tenantId` chooses the isolated environment it runs in. */
export type Invoke = (name: string, payload: JsonValue, options: { tenantId?: string }) => Promise<JsonValue>;

/**
 * Runs a program in the sandbox function, in an environment that no other workspace shares.
 * Rejects when `signal` aborts, when the function cannot be invoked, and when it does not answer in time: none is the program's fault.
 */
export async function invokeSandbox(
  sandbox: { invoke: Invoke; functionName: string; workspaceId: string },
  request: SandboxRequest,
  signal: AbortSignal,
): Promise<SandboxResult> {
  const seconds = (request.limits?.time_ms ?? SANDBOX_LIMITS.timeMs.default) / 1_000 + ANSWER_MARGIN_SECONDS;
  const overdue = () => new Error(`The sandbox did not answer within ${seconds} s`);
  const answer = await limitTime(seconds, signal, overdue, () =>
    sandbox.invoke(sandbox.functionName, request, { tenantId: sandbox.workspaceId }),
  );
  return SandboxResult.parse(answer);
}

import * as z from "zod";
import { readEnv } from "../../shared/platform/config/env.ts";
import { log } from "../../shared/platform/log/logger.ts";
import { SandboxRequest, type SandboxResult } from "../../shared/tools/sandbox/contract.ts";
import { createSandbox, type Sandbox } from "../../shared/tools/sandbox/create-sandbox.ts";

const SandboxEnv = z.object({
  /** The bundled program that runs the untrusted code in a process of its own; its worker lies beside it. */
  SANDBOX_ENTRY: z.string(),
  SANDBOX_PROCESSES: z.coerce.number().int().min(1).max(16).default(1),
});

let sandbox: Sandbox | undefined;

/** Runs one program that nobody trusts. Invoked with a tenant: its environment serves one workspace only. */
export async function handler(event: unknown): Promise<SandboxResult> {
  sandbox ??= open();
  return sandbox.run(SandboxRequest.parse(event));
}

/** Starts the child processes ahead of the first program, where somebody would wait for them. */
export function prepare(): void {
  sandbox ??= open();
  sandbox.prepare();
}

/** Ends the child processes, when the process that holds this function ends on purpose. */
export function close(): void {
  sandbox?.close();
  sandbox = undefined;
}

function open(): Sandbox {
  const env = readEnv(SandboxEnv);
  const onBreakdown = (reason: string) => log.error("a process of the sandbox broke down", { reason });
  return createSandbox({ entry: env.SANDBOX_ENTRY, processes: env.SANDBOX_PROCESSES, onBreakdown });
}

import { JsonValue } from "../../platform/json.ts";
import type { SandboxRequest, SandboxResult } from "./contract.ts";
import { SANDBOX_LIMITS } from "./limits.ts";
import { forkChild, type SupervisedChild, superviseChild } from "./supervise-child.ts";
import { failure, type GuestRequest, type GuestResult } from "./wire.ts";

export type Sandbox = {
  /** Starts the child processes, so that the first program does not wait for one. */
  prepare(): void;
  /**
   * Runs one program in an interpreter of its own. Whatever the program does is a result; rejects only when `signal` aborts.
   * Programs beyond the number of processes wait for their turn, and that wait is not part of their time.
   */
  run(request: SandboxRequest, signal?: AbortSignal): Promise<SandboxResult>;
  /** Kills the child processes. */
  close(): void;
};

type Lane = { child: SupervisedChild; queued: number; tail: Promise<unknown> };

export type SandboxOptions = {
  /** The bundled child.ts; its worker.js lies beside it. */
  entry: string;
  /** Programs that may run at the same time. */
  processes?: number;
  /** Hears why a child process had to be given up: for the log, not for the person who sent the program. */
  onBreakdown?: (reason: string) => void;
};

export function createSandbox({ entry, processes = 1, onBreakdown = () => undefined }: SandboxOptions): Sandbox {
  const lanes = Array.from(
    { length: processes },
    (): Lane => ({ child: superviseChild({ start: () => forkChild(entry), onBreakdown }), queued: 0, tail: Promise.resolve() }),
  );
  return {
    prepare() {
      for (const lane of lanes) lane.child.prepare();
    },
    async run(request, signal) {
      const guestRequest = toGuestRequest(request);
      const excess = findExcess(guestRequest);
      const result = excess === undefined ? await takeTurn(lanes, guestRequest, signal) : failure("too_large", excess);
      return toSandboxResult(result);
    },
    close() {
      for (const lane of lanes) lane.child.close();
    },
  };
}

async function takeTurn(lanes: readonly Lane[], request: GuestRequest, signal: AbortSignal | undefined): Promise<GuestResult> {
  const lane = lanes.reduce((shortest, candidate) => (candidate.queued < shortest.queued ? candidate : shortest));
  lane.queued += 1;
  const answer = lane.tail.then(() => {
    signal?.throwIfAborted();
    return lane.child.ask(request, signal);
  });
  lane.tail = answer.catch(() => undefined);
  return answer.finally(() => {
    lane.queued -= 1;
  });
}

function toGuestRequest({ language = "javascript", code, input, files, limits }: SandboxRequest): GuestRequest {
  return {
    language,
    code,
    input: JSON.stringify(input ?? null),
    files: JSON.stringify(files ?? {}),
    timeMs: limits?.time_ms ?? SANDBOX_LIMITS.timeMs.default,
    memoryMb: limits?.memory_mb ?? SANDBOX_LIMITS.memoryMb.default,
  };
}

function findExcess({ code, input, files }: GuestRequest): string | undefined {
  const codeBytes = Buffer.byteLength(code);
  const dataBytes = Buffer.byteLength(input) + Buffer.byteLength(files);
  if (codeBytes > SANDBOX_LIMITS.codeBytes) return `The program is ${codeBytes} bytes; at most ${SANDBOX_LIMITS.codeBytes} are run`;
  if (dataBytes > SANDBOX_LIMITS.dataBytes) return `Input and files are ${dataBytes} bytes; at most ${SANDBOX_LIMITS.dataBytes} are taken`;
  return undefined;
}

function toSandboxResult(result: GuestResult): SandboxResult {
  if (!result.ok) return result;
  return { ...result, value: JsonValue.parse(JSON.parse(result.value)) };
}

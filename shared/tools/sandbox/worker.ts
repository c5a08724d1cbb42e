import { isMainThread, type MessagePort, parentPort } from "node:worker_threads";
import { SANDBOX_LIMITS } from "./limits.ts";
import { loadEngine } from "./load-engine.ts";
import { runGuest } from "./run-guest.ts";
import type { GuestRequest } from "./wire.ts";

/** One worker, one program: it is sent the engine, says "ready", is sent a program, answers and is thrown away. */
if (isMainThread || parentPort === null) throw new Error("worker.ts is the entry of a worker thread");
const port: MessagePort = parentPort;
port.once("message", (wasmModule: WebAssembly.Module) => void standBy(wasmModule));

async function standBy(wasmModule: WebAssembly.Module): Promise<void> {
  const standby = await loadEngine(wasmModule, SANDBOX_LIMITS.memoryMb.default);
  port.once("message", (request: GuestRequest) => void answer(request));
  port.postMessage("ready");

  async function answer(request: GuestRequest): Promise<void> {
    if (request.language === "sql") {
      const { runQuery } = await import("./run-query.ts");
      port.postMessage(await runQuery(request));
      return;
    }
    const engine = request.memoryMb === standby.memoryMb ? standby : await loadEngine(wasmModule, request.memoryMb);
    port.postMessage(runGuest(engine, request));
  }
}

import { extname } from "node:path";
import engineBytes from "@jitl/quickjs-ng-wasmfile-release-sync/wasm";
import type { GuestRequest } from "./wire.ts";
import { createWorkerLine } from "./worker-line.ts";

/**
 * Entry of the child process: one program at a time, each in a worker of its own. The process has no environment and no handle but
 * the channel to its supervisor, and goes when that channel does.
 */
process.on("disconnect", () => process.exit());
// A terminal's Ctrl-C, or whoever ends a whole group of processes, must not end a program that its supervisor still waits for.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
// Bundled as .js and as .mjs, the worker like the child.
const worker = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
const runInWorker = createWorkerLine(worker, await WebAssembly.compile(engineBytes));
process.on("message", (request: GuestRequest) => void runInWorker(request).then((result) => process.send?.(result)));

// The supervisor may have died before this file was read.
if (!process.connected) process.exit();

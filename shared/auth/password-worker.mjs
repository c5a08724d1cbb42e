// Plain JavaScript: this file is the program of a worker thread, which Node runs as it is, from the sources as from a bundle's chunk.
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { compare, hash } from "bcryptjs";

/** Where this program is now; whoever imports it starts a worker from here. */
export const workerUrl = import.meta.url;

/**
 * @param {{ id: number, password: string, cost: number, hash?: string }} job a hash to compare with, or none to make one
 * @returns {Promise<string | boolean>}
 */
async function carryOut({ password, cost, hash: known }) {
  return known === undefined ? hash(password, cost) : compare(password, known);
}

if (!isMainThread && workerData === "password-worker") {
  parentPort?.on("message", (job) => {
    void carryOut(job).then(
      (result) => parentPort?.postMessage({ id: job.id, result }),
      (/** @type {unknown} */ error) => parentPort?.postMessage({ id: job.id, error }),
    );
  });
}

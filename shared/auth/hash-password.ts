import { Worker } from "node:worker_threads";
import { MAX_PASSWORD_BYTES } from "./contracts/accounts.ts";

/**
 * bcrypt in a thread of its own: even its asynchronous form holds the event loop for 100 ms at a time, and the embedded server has one
 * loop for everything. One thread, so that many logins at once queue up instead of taking all cores.
 */
const COST = 10;

/** A hash of no password, made with the same cost: comparing with it takes as long as with a real one. */
const NOBODYS_HASH = "$2b$10$TPXI.1f54gpFaguARPyRh.eBM1.fCqvD0q567F2NoGytjihyPguAe";

type Answer = { id: number; result: unknown; error?: unknown };
type Waiting = { resolve: (result: unknown) => void; reject: (error: unknown) => void };

const waiting = new Map<number, Waiting>();
let thread: Promise<Worker> | undefined;
let lastId = 0;

/** @param password at most 72 bytes of UTF-8: bcrypt ignores what follows */
export async function hashPassword(password: string): Promise<string> {
  return String(await ask({ password }));
}

/**
 * Whether the password is the one of the hash. Without a hash it is not, and neither is one that is too long to have been accepted (bcrypt
 * would compare its beginning alone); both are found out after the same time.
 */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const comparable = Buffer.byteLength(password) > MAX_PASSWORD_BYTES ? undefined : hash;
  const matches = await ask({ password, hash: comparable ?? NOBODYS_HASH });
  return comparable !== undefined && matches === true;
}

async function ask(job: { password: string; hash?: string }): Promise<unknown> {
  thread ??= start();
  const worker = await thread;
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.ref();
    worker.postMessage({ id, cost: COST, ...job });
  });
}

async function start(): Promise<Worker> {
  const { workerUrl } = await import("./password-worker.mjs");
  const worker = new Worker(new URL(workerUrl), { workerData: "password-worker", env: {}, execArgv: [] });
  worker.on("message", ({ id, result, error }: Answer) => {
    const job = waiting.get(id);
    waiting.delete(id);
    // An idle thread must not keep a process alive.
    if (waiting.size === 0) worker.unref();
    if (error === undefined) job?.resolve(result);
    else job?.reject(error);
  });
  worker.on("error", failAll);
  worker.on("exit", () => failAll(new Error("the password worker ended")));
  return worker;
}

function failAll(error: unknown): void {
  thread = undefined;
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
}

import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const EVERY_MS = 20;
const WARM_UP = 50;

const agent = new Agent({ keepAlive: true });

/**
 * Asks for a server's health at a steady rate until standard input ends, then prints the milliseconds of each answer as JSON. A process of its
 * own, so that only the server is measured; each from its planned moment on, so that a server which stands still is not asked less. Says
 * `ready` on standard error when it has asked often enough to be quick itself.
 */
export async function main([url = ""]: string[]): Promise<number> {
  for (let index = 0; index < WARM_UP; index += 1) await ask(url, performance.now());
  process.stderr.write("ready\n");
  let isOver = false;
  process.stdin.resume().once("end", () => {
    isOver = true;
  });
  const asked: Promise<number>[] = [];
  for (let planned = performance.now(); !isOver; planned += EVERY_MS) {
    await sleep(Math.max(0, planned - performance.now()));
    asked.push(ask(url, planned));
  }
  process.stdout.write(JSON.stringify(await Promise.all(asked)));
  return 0;
}

async function ask(url: string, planned: number): Promise<number> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${url}/health`, { agent }, resolve).on("error", reject).end();
  });
  response.resume();
  await once(response, "end");
  if (response.statusCode !== 200) throw new Error(`/health answered ${response.statusCode}`);
  return performance.now() - planned;
}

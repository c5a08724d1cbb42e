import { AsyncLocalStorage } from "node:async_hooks";
import { readLogLevel } from "../config/env.ts";
import { describeError } from "./describe-error.ts";
import { redact } from "./redact.ts";

/**
 * JSON lines. A message is a constant that one can search for; data go into fields. What a request or a message concerns (`requestId`,
 * `userId`, `runId`, `taskId`) is set once around the work and stands on every line below it.
 */
const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

const context = new AsyncLocalStorage<Record<string, unknown>>();

let sink = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
let threshold: number | undefined;

/** Sends finished lines elsewhere than to standard output: the embedded run keeps that for its answer. */
export function setLogSink(write: (line: string) => void): void {
  sink = write;
}

/** Writes a finished line where all lines go. */
export function writeLine(line: string): void {
  sink(line);
}

/** Runs `work` with `fields` on every line that it logs. */
export function withLogContext<Result>(fields: LogFields, work: () => Result): Result {
  return context.run({ ...context.getStore(), ...fields }, work);
}

/** Adds what became known only inside the work, such as who is asking. */
export function addLogContext(fields: LogFields): void {
  const store = context.getStore();
  if (store !== undefined) Object.assign(store, fields);
}

export const log: Readonly<Record<Level, (message: string, fields?: LogFields) => void>> = {
  debug: (message, fields) => write("debug", message, fields),
  info: (message, fields) => write("info", message, fields),
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: Level, message: string, fields: LogFields = {}): void {
  threshold ??= levelNumber(readLogLevel());
  if (LEVELS.indexOf(level) < threshold) return;
  const { error, ...rest } = fields;
  const line = { level, time: new Date().toISOString(), message, ...context.getStore(), ...rest };
  sink(JSON.stringify(redact(error === undefined ? line : { ...line, error: describeError(error) })));
}

/** "silent" is above every level; an unknown word counts as info. */
function levelNumber(name: string): number {
  if (name === "silent") return LEVELS.length;
  const known = LEVELS.findIndex((level) => level === name.toLowerCase());
  return known === -1 ? LEVELS.indexOf("info") : known;
}

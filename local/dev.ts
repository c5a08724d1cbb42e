import { AppError } from "../shared/platform/errors.ts";
import { writeServerFile } from "./server-file.ts";
import { startEmbedded } from "./start-embedded.ts";
import { projectRoot, stateFolder } from "./state-folder.ts";

const DEFAULT_PORT = 8787;

/** `npm run dev`: serves until it is stopped. Answers 0 after a stop, 2 when it cannot start as it was asked to. */
export async function main(argv: string[]): Promise<number> {
  const port = Number(process.env["PORT"] ?? DEFAULT_PORT);
  if (argv.length > 0 || !Number.isInteger(port) || port < 0 || port > 65_535)
    return refuse("Usage: npm run dev (PORT=0..65535 says where)");
  const folder = stateFolder();
  // Log lines are for machines; they go to a pipe or a file as they are, and stay away from a person's screen unless asked for.
  if (process.stdout.isTTY) process.env["LOG_LEVEL"] ??= "warn";
  const embedded = await start(folder, port);
  if (typeof embedded === "string") return refuse(embedded);
  const removeFile = writeServerFile(folder, { pid: process.pid, url: embedded.url, key_file: embedded.keyFile });
  if (embedded.migrated.length > 0)
    process.stderr.write(`The state of older sources was brought up to date: migrations ${embedded.migrated.join(", ")}\n`);
  process.stderr.write(
    `CognitionOS is listening on ${embedded.url}\nAPI key of the admin: ${embedded.keyFile}\nModel: ${embedded.model}${describeModel(embedded.model)}\n`,
  );
  await untilStopped();
  process.stderr.write("Stopping…\n");
  removeFile();
  await embedded.close();
  return 0;
}

async function start(folder: string, port: number) {
  try {
    return await startEmbedded({ root: projectRoot(), folder, port });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return `Port ${port} is in use: set PORT to another one.`;
    if (error instanceof AppError && error.code === "wrong-configuration") return error.detail;
    throw error;
  }
}

function refuse(reason: string): number {
  process.stderr.write(`${reason}\n`);
  return 2;
}

function describeModel(model: string): string {
  return model.startsWith("offline:") ? " (rules, not a language model: set OPENAI_API_KEY for one)" : "";
}

function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

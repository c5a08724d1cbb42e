import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { findRunningServer } from "../local/server-file.ts";
import { startEmbedded } from "../local/start-embedded.ts";
import { projectRoot, stateFolder } from "../local/state-folder.ts";
import { Run, RunFile } from "../shared/orchestration/contracts/runs.ts";
import { AppError } from "../shared/platform/errors.ts";
import { setLogSink } from "../shared/platform/log/logger.ts";
import { WorkspacePath } from "../shared/tools/contracts/workspace-path.ts";
import { ApiProblem, type Client, createClient } from "./client.ts";
import { type GoalOptions, parseGoalOptions, USAGE } from "./goal-options.ts";
import { followRun } from "./progress.ts";
import { type GoalReport, reportRun } from "./report.ts";

/** `npm run goal`: one goal from the command line. Answers 0 when it completed, 1 when it did not, 2 for a wrong use. */
export async function main(argv: string[]): Promise<number> {
  process.env["LOG_LEVEL"] ??= "silent";
  // Standard output is for the answer alone.
  setLogSink((line) => process.stderr.write(`${line}\n`));
  const options = parseGoalOptions(argv);
  if (typeof options === "string") return refuse(`${options}\n${USAGE}`);
  const files = readFiles(options.files);
  if (typeof files === "string") return refuse(`${files}\n`);
  if (options.out !== undefined && statSync(options.out, { throwIfNoEntry: false })?.isDirectory() === false)
    return refuse(`${options.out} is not a folder.\n`);
  try {
    const { client, close } = await connect();
    try {
      return await pursue(client, options, files);
    } finally {
      await close();
    }
  } catch (error) {
    if (error instanceof ApiProblem && error.status < 500) return refuse(`${error.message}\n`);
    if (error instanceof AppError && error.code === "wrong-configuration") return refuse(`${error.detail}\n`);
    throw error;
  }
}

type GivenFile = { path: string; content: string; encoding: "base64" };

/** The files under their own names; a text says which one cannot be given. */
function readFiles(paths: readonly string[]): GivenFile[] | string {
  const files: GivenFile[] = [];
  for (const path of paths) {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return `${path} is not a file.`;
    const name = basename(path);
    if (files.some((file) => file.path === name)) return `Two files are named ${name}.`;
    const refusal = WorkspacePath.safeParse(name).error?.issues[0];
    if (refusal !== undefined) return `A file cannot be named ${name} here: ${refusal.message}.`;
    files.push({ path: name, content: readFileSync(path).toString("base64"), encoding: "base64" });
  }
  return files;
}

/** A server that is running already, or one of our own for as long as this takes. */
async function connect(): Promise<{ client: Client; close: () => Promise<void> }> {
  const folder = stateFolder();
  const running = findRunningServer(folder);
  if (running !== undefined) {
    const client = createClient(running.url, readFileSync(running.key_file, "utf8").trim());
    return { client, close: async () => undefined };
  }
  const embedded = await startEmbedded({ root: projectRoot(), folder, port: 0 });
  return { client: createClient(embedded.url, embedded.apiKey), close: embedded.close };
}

async function pursue(client: Client, options: GoalOptions, files: GivenFile[]): Promise<number> {
  const goal = { goal: options.goal, files, ...(options.budget === undefined ? {} : { budget_usd: options.budget }) };
  const { run_id: runId } = await client.post("/v1/tasks", goal, z.object({ run_id: z.string() }));
  const stopAsking = cancelOnInterrupt(client, runId);
  const ending = await followRun(client, runId, (line) => process.stderr.write(`${line}\n`));
  stopAsking();
  const [run, listed] = await Promise.all([
    client.get(`/v1/runs/${runId}`, Run),
    client.get(`/v1/runs/${runId}/files`, z.object({ files: z.array(RunFile) })),
  ]);
  if (options.out !== undefined) await copyFiles(client, runId, listed.files, options.out);
  const report = reportRun(run, listed.files);
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : describeReport(report));
  if (ending === "paused")
    process.stderr.write(`The budget does not cover the next step. POST /v1/runs/${runId}/resume with a higher budget_usd goes on.\n`);
  return report.status === "completed" ? 0 : 1;
}

/** Ctrl-C cancels the run, so that nothing goes on spending behind a person's back; a second one ends at once. */
function cancelOnInterrupt(client: Client, runId: string): () => void {
  const cancel = () => {
    process.stderr.write("Cancelling…\n");
    client.post(`/v1/runs/${runId}/cancel`, {}, z.unknown()).catch(() => process.exit(1));
  };
  process.once("SIGINT", cancel);
  return () => process.off("SIGINT", cancel);
}

async function copyFiles(client: Client, runId: string, files: GoalReport["files"], folder: string): Promise<void> {
  for (const { path } of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, await client.download(`/v1/runs/${runId}/files/${path.split("/").map(encodeURIComponent).join("/")}`));
  }
}

function describeReport(report: GoalReport): string {
  const summary = z.object({ summary: z.string() }).safeParse(report.result).data?.summary;
  const usage = report.usage.map(
    (row) => `${row.model}: ${row.calls} calls, ${row.cost_usd === null ? "price unknown" : `$${row.cost_usd}`}`,
  );
  const lines = [
    report.error === undefined ? (summary ?? "") : `${report.status}: ${report.error.code}: ${report.error.detail}`,
    ...(report.files.length === 0 ? [] : [`Files: ${report.files.map((file) => `${file.path} (${file.bytes} bytes)`).join(", ")}`]),
    ...usage,
  ];
  return `${lines.filter((line) => line !== "").join("\n")}\n`;
}

function refuse(text: string): number {
  process.stderr.write(text);
  return 2;
}

import type * as z from "zod";
import { AppError } from "../errors.ts";

export type Source = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks what a function needs from its environment. Call it at first use, not at import. A variable set to "" counts as absent.
 * @throws AppError `wrong-configuration`, naming each variable at fault
 */
export function readEnv<Schema extends z.ZodType>(schema: Schema, source: Source = process.env): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new AppError("wrong-configuration", faults.join("; "));
}

/**
 * The same for one required text, without a schema: the authorizer's bundle holds no validator.
 * @throws AppError `wrong-configuration`
 */
export function readVariable(name: string, source: Source = process.env): string {
  const value = source[name];
  if (value === undefined || value === "") throw new AppError("wrong-configuration", `${name} is not set`);
  return value;
}

/** What is logged: lines of this level and above. */
export function readLogLevel(source: Source = process.env): string {
  return source["LOG_LEVEL"] ?? "info";
}

/** Where numbers for CloudWatch belong; undefined where nobody counts. */
export function readMetricsNamespace(source: Source = process.env): string | undefined {
  return source["METRICS_NAMESPACE"] || undefined;
}

/** Where a function's bundle and what lies beside it are: Lambda says so; elsewhere it is the folder that the process was started in. */
export function readCodeFolder(source: Source = process.env): string {
  return source["LAMBDA_TASK_ROOT"] ?? process.cwd();
}

const CONNECT_SECONDS = 20;

/**
 * How long a function waits for its database. Aurora that was paused for a day resumes in half a minute: who answers a person gives up before
 * that, who moves a run waits.
 * @throws AppError `wrong-configuration`
 */
export function readConnectSeconds(source: Source = process.env): number {
  const text = source["DATABASE_CONNECT_SECONDS"] ?? "";
  const seconds = text === "" ? CONNECT_SECONDS : Number(text);
  if (seconds > 0 && seconds < 900) return seconds;
  throw new AppError("wrong-configuration", "DATABASE_CONNECT_SECONDS is not a number of seconds below 900");
}

import type { FunctionEntry } from "../../functions/function-table.ts";
import { type Charge, HOURS_PER_MONTH } from "./charge.ts";
import { type PriceId } from "./price-table.ts";
import { readMegabytes } from "./priced-resources.ts";
import { nearestThousandth, thousandths } from "./quantity.ts";
import { resourcesOfType, type Template } from "./template.ts";

const TASKS = 1_000;
const TASKS_A_RUN = 10;
const RUNS = TASKS / TASKS_A_RUN;

/** An executor thinks, uses one tool, and thinks about the outcome. Planner, critic and summarizer think once for each run. */
const MODEL_CALLS = 2 * TASKS + 3 * RUNS;
const TOOL_CALLS = TASKS;
const EFFECTS = MODEL_CALLS + TOOL_CALLS;

/** Four phases of a run, and about four looks of its watchdog. */
const CONTROL_MESSAGES = 8 * RUNS;

/** Of one call of a model. */
const TOKENS = { input: 3_000, output: 700 };

const GIGABYTE = 1e9;

/** Invocations and how long each takes; no two share an invocation, which is the most that they can cost. */
const taskWork: readonly (readonly [FunctionEntry, count: number, seconds: number])[] = [
  ["ai-runtime/llm-worker", MODEL_CALLS, 8],
  ["tool-runner/tool-worker", TOOL_CALLS, 1],
  ["tool-runner/sandbox", TOOL_CALLS, 0.5],
  ["orchestrator/ledger", EFFECTS, 0.05],
  ["orchestrator/conductor", EFFECTS + CONTROL_MESSAGES, 0.1],
];

/** What 1,000 tasks cost beside the idle month and the model. */
export function listTaskCharges(templates: readonly Template[]): readonly Charge[] {
  const invocations = taskWork.reduce((sum, [, count]) => sum + count, 0);
  return [
    ...taskWork.map(([entry, count, seconds]) => compute(templates, entry, count, seconds)),
    charge("lambda-request", invocations),
    charge("state-transition", 7 * RUNS, `7 for each of ${RUNS} runs`),
    charge("sqs-request", 3 * (2 * EFFECTS + CONTROL_MESSAGES), "each message is sent, received and deleted"),
    charge("s3-write", TASKS, "a file for each task"),
    charge("s3-read", 2 * TASKS),
    charge("kms-request", 3 * TASKS, "for each file that is written or read"),
    ...countCacheUse(templates, 2 * EFFECTS),
    charge("aurora-acu-hour", 1, "1 ACU for an hour"),
    charge("aurora-io", 20 * EFFECTS, "20 for each commit"),
    charge("log-gb", (30_000 * TASKS) / GIGABYTE, "30 kB a task"),
    charge("trace", invocations, "at most one for each invocation"),
    charge("traffic-out-gb", (10_000 * MODEL_CALLS) / GIGABYTE, "10 kB a prompt"),
  ];
}

/** What the model of 1,000 tasks costs, for scale: no resource of a template, and most of the bill. */
export function listModelCharges(): readonly Charge[] {
  return [
    charge("model-input", TOKENS.input * MODEL_CALLS, `${TOKENS.input} for each of ${MODEL_CALLS} calls`),
    charge("model-output", TOKENS.output * MODEL_CALLS, `${TOKENS.output} for each`),
  ];
}

const CALLS = 1_000_000;

/** What 1,000,000 calls of the API cost beside the idle month, when they come within three hours, about 100 a second. */
export function listApiCharges(templates: readonly Template[]): readonly Charge[] {
  const has = (type: string) => templates.some((template) => resourcesOfType(template, type).length > 0);
  const authorized = CALLS / 10;
  return [
    charge("rest-call", CALLS),
    compute(templates, "planner/http", CALLS, 0.05),
    compute(templates, "gateway/authorizer", authorized, 0.02),
    charge("lambda-request", CALLS + authorized, "the authorizer's answer is kept for a minute: 1 in 10"),
    charge("dynamodb-read", 2 * authorized, "a key or a session, and its revocation"),
    ...countCacheUse(templates, CALLS),
    ...(has("AWS::CloudFront::Distribution") ? [charge("cloudfront-request", CALLS)] : []),
    ...(has("AWS::WAFv2::WebACL") ? [charge("waf-request", CALLS)] : []),
    charge("aurora-acu-hour", 3, "1 ACU for three hours"),
    charge("aurora-io", 2 * CALLS, "2 for each call"),
    charge("log-gb", (2_500 * CALLS) / GIGABYTE, "2.5 kB a call"),
    charge("trace", 0.06 * CALLS, "1 a second and 5 % of the rest"),
    charge("traffic-out-gb", (5_000 * CALLS) / GIGABYTE, "5 kB an answer"),
  ];
}

/** What it costs that the database is never left alone for five minutes. */
export const awakeMonth: Charge = { price: "aurora-acu-hour", quantity: thousandths(0.5 * HOURS_PER_MONTH), why: "0.5 ACU all month" };

function charge(price: PriceId, quantity: number, why?: string): Charge {
  return { price, quantity: nearestThousandth(quantity), ...(why === undefined ? {} : { why }) };
}

function compute(templates: readonly Template[], entry: FunctionEntry, count: number, seconds: number): Charge {
  const megabytes = readMegabytesOf(templates, entry);
  return charge("lambda-gb-second", (count * seconds * megabytes) / 1_024, `${entry}: ${count} × ${seconds} s × ${megabytes} MB`);
}

/** @throws Error when no template has the function, which its description names */
function readMegabytesOf(templates: readonly Template[], entry: FunctionEntry): number {
  const functions = templates.flatMap((template) => resourcesOfType(template, "AWS::Lambda::Function"));
  const found = functions.find(({ Properties }) => String(Properties["Description"]).startsWith(`${entry} `));
  if (found === undefined) throw new Error(`No template has the function ${entry}.`);
  return readMegabytes(found.Properties);
}

function countCacheUse(templates: readonly Template[], commands: number): Charge[] {
  const hasCache = templates.some((template) => resourcesOfType(template, "AWS::ElastiCache::ServerlessCache").length > 0);
  return hasCache
    ? [charge("valkey-ecpu", commands, "a command of the cache each")]
    : [charge("dynamodb-write", commands, "the cache is a table")];
}

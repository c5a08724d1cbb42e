import path from "node:path";
import { type FunctionEntry, type FunctionSettings, functionTable } from "../../functions/function-table.ts";
import { routeTable } from "../../functions/route-table.ts";
import { mapTable, namesOf } from "../../infra/functions/map-table.ts";
import { createAgenda } from "../../local/aws/agenda.ts";
import { systemClock } from "../../local/aws/clock.ts";
import { createLambdaFunctions, type LambdaFunctions } from "../../local/aws/lambda-functions.ts";
import { REGION } from "../../local/aws/queue.ts";
import { bundledFunction } from "./lambda/bundled-function.ts";
import { createPool, type EnvironmentPool } from "./lambda/environment-pool.ts";
import { startEnvironment } from "./lambda/execution-environment.ts";
import type { Wiring } from "./wiring.ts";

export type DeploySettings = {
  /** The folder of all bundles. */
  readonly bundles: string;
  /** The Node.js that runs them. */
  readonly node: string;
  /** Put in the place of what is deployed: shorter waits, another level of logs. */
  readonly tuning: Readonly<Record<string, string>>;
  /** Of each function, once it is known. */
  readonly wiringOf: (entry: FunctionEntry) => { readonly wiring: Wiring; readonly endpoint: string };
  readonly onLine: (line: string) => void;
  readonly onFailure: (message: string, error: unknown) => void;
};

export type DeployedFunctions = { readonly functions: LambdaFunctions; close(): Promise<void> };

/** Environments of one function at once. Whoever holds one for long, such as a reader of a stream, has more of them. */
const LIMITS: Partial<Record<FunctionEntry, number>> = { "planner/events": 8, "tool-runner/http": 6, "ai-runtime/llm-worker": 5 };
const LIMIT = 3;

const streamed = new Set(routeTable.filter(({ route }) => route.stream === true).map(({ entry }) => entry));

/** Every function, to be started from its bundle when somebody invokes it. */
export function deployFunctions(settings: DeploySettings): DeployedFunctions {
  const pools: EnvironmentPool[] = [];
  const functions = mapTable(functionTable, (entry, { timeoutSeconds, isPerTenant }: FunctionSettings) => {
    const pool = createPool(LIMITS[entry] ?? LIMIT, () => start(settings, entry));
    pools.push(pool);
    return bundledFunction({ pool, timeoutSeconds, requiresTenant: isPerTenant === true, streams: streamed.has(entry) });
  });
  return {
    functions: createLambdaFunctions(createAgenda(systemClock), functions),
    async close() {
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}

function start({ bundles, node, tuning, wiringOf, onLine, onFailure }: DeploySettings, entry: FunctionEntry) {
  const { timeoutSeconds, memoryMegabytes, zone }: FunctionSettings = functionTable[entry];
  const folder = path.join(bundles, entry);
  const { wiring, endpoint } = wiringOf(entry);
  // The sandbox is tuned by nobody: its environment is empty but for where its program lies.
  const given = zone === "sandbox" ? wiring.environment : { ...wiring.environment, ...tuning };
  return startEnvironment({
    node,
    folder,
    variables: { ...lambdaVariables(entry, folder), ...placeIn(folder, given), AWS_ENDPOINT_URL: endpoint },
    memoryMegabytes,
    timeoutSeconds,
    onLine,
    onDeath: (error) => onFailure(`a process of ${entry} ended`, error),
  });
}

/** What signs a function's calls, and so tells its role. */
export function accessKeyOf(entry: FunctionEntry): string {
  return entry.replace("/", ".");
}

export function findCaller(accessKey: string): FunctionEntry | undefined {
  return namesOf(functionTable).find((entry) => accessKeyOf(entry) === accessKey);
}

/** What Lambda itself sets. */
function lambdaVariables(entry: FunctionEntry, folder: string): Record<string, string> {
  return {
    _HANDLER: "index.handler",
    LAMBDA_TASK_ROOT: folder,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: entry,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(functionTable[entry].memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${entry}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "parity",
    AWS_ACCESS_KEY_ID: accessKeyOf(entry),
    AWS_SECRET_ACCESS_KEY: "parity",
    AWS_SESSION_TOKEN: "parity",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
  };
}

/** Where Lambda unpacks a bundle is here the folder that it lies in. */
function placeIn(folder: string, variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value.replace(/^\/var\/task(?=\/|$)/, folder)]));
}

import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { FunctionEntry } from "../../functions/function-table.ts";
import { type QueueName, type QueueSettings, queueTable } from "../../functions/queue-table.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf, toId } from "../functions/map-table.ts";
import type { AppStack } from "../stacks/app-stack.ts";
import type { DataResources } from "../stacks/data-resources.ts";
import type { AlarmSpec, Runbook } from "./alarm.ts";
import * as metrics from "./metrics.ts";

export type Watched = { readonly config: StageConfig; readonly app: AppStack; readonly data: DataResources };

/**
 * What `dev` does without. An account pays for each metric beyond ten that it watches, and `dev` is to idle under ten dollars; a message
 * that nobody takes ends among the dead letters, which wake somebody there too.
 */
const PROD_ONLY: readonly Runbook[] = ["old-messages", "slow-api"];

/** Everything that wakes somebody. */
export function describeAlarms(watched: Watched): AlarmSpec[] {
  const alarms = [
    ...namesOf(queueTable).flatMap((name) => watchQueue(watched.app, name)),
    ...watchApi(watched),
    ...watchFunctions(watched.app),
    ...watchRuns(watched),
    ...watchDatabase(watched.data),
  ];
  return alarms.filter(({ runbook }) => watched.config.stage === "prod" || !PROD_ONLY.includes(runbook));
}

/** Minutes. A watchdog's message lies up to 15 min by design, and an effect waits while all hands are busy. */
const OLDEST_MINUTES = { control: 45, results: 15, "effects-llm": 60, "effects-tool": 60 } as const satisfies Record<QueueName, number>;

function watchQueue({ queues }: AppStack, name: QueueName): AlarmSpec[] {
  const { queue, deadLetters } = queues[name];
  const minutes = OLDEST_MINUTES[name];
  const { givesUpTo }: QueueSettings = queueTable[name];
  const forPeople: AlarmSpec = {
    id: toId(name, "DeadLetters"),
    says: `Messages of the queue ${name} were given up after several tries.`,
    runbook: "dead-letters",
    metric: metrics.waiting(deadLetters),
    threshold: 0,
  };
  return [
    ...(givesUpTo === undefined ? [forPeople] : []),
    {
      id: toId(name, "OldMessages"),
      says: `A message lies on the queue ${name} for more than ${minutes} minutes.`,
      runbook: "old-messages",
      metric: metrics.oldestAge(queue),
      threshold: minutes * 60,
      periods: 2,
    },
  ];
}

/** Fewer requests in five minutes say nothing about a share. */
const FEW_REQUESTS = 20;

function watchApi({ app: { api, functions }, config }: Watched): AlarmSpec[] {
  const failed = metrics.gatewayMetric(api, "5XXError");
  const all = metrics.gatewayMetric(api, "Count");
  return [
    {
      id: "FailingApi",
      says: "More than one request in twenty is answered by a fault of ours.",
      runbook: "failing-api",
      metric: metrics.calculate(`IF(all >= ${FEW_REQUESTS}, 100 * failed / all, 0)`, { failed, all }, "5xx, percent"),
      threshold: 5,
      periods: 2,
    },
    {
      id: "SlowApi",
      // Not the gateway's own latency: readers of events and callers of tools wait by design.
      says: "One request about runs in twenty takes more than five seconds.",
      runbook: "slow-api",
      metric: metrics.functionMetric(functions["planner/http"], "Duration", "p95"),
      threshold: 5_000,
      periods: 3,
    },
    {
      id: "BrokenAuthorizer",
      says: "The authorizer breaks, so that people with good credentials are not let in.",
      runbook: "broken-authorizer",
      metric: metrics.brokenAuthorizer(config),
      threshold: 2,
    },
  ];
}

/** Nobody waits for their answers, so no status tells of their failures. */
const BEHIND = ["orchestrator/conductor", "orchestrator/ledger", "ai-runtime/llm-worker", "tool-runner/tool-worker"] as const;

function watchFunctions({ functions }: AppStack): AlarmSpec[] {
  return [
    {
      id: "FailingFunctions",
      says: "Functions behind the queues fail again and again.",
      runbook: "failing-functions",
      metric: sumErrors(functions, BEHIND),
      threshold: 5,
      periods: 2,
    },
    {
      id: "FailedUpkeep",
      says: "Migrations or the rotation of signing keys failed.",
      runbook: "failed-upkeep",
      metric: sumErrors(functions, ["orchestrator/migrate", "auth/rotate-keys"]),
      threshold: 0,
    },
    {
      id: "ThrottledFunctions",
      says: "Lambda refuses to run functions of this account: too many run at once.",
      runbook: "throttled-functions",
      metric: metrics.accountMetric("Throttles"),
      threshold: 10,
      periods: 2,
    },
  ];
}

function sumErrors(functions: Readonly<Record<FunctionEntry, lambda.IFunction>>, entries: readonly FunctionEntry[]) {
  const errors = Object.fromEntries(entries.map((entry, index) => [`errors${index}`, metrics.functionMetric(functions[entry], "Errors")]));
  return metrics.sum(errors, "errors");
}

/** Dollars an hour. */
const SPEND_LIMIT = { local: 1, dev: 5, prod: 50 } as const satisfies Record<StageConfig["stage"], number>;

function watchRuns({ app, config }: Watched): AlarmSpec[] {
  const failed = metrics.machineMetric(app.stateMachine, "ExecutionsFailed");
  const late = metrics.machineMetric(app.stateMachine, "ExecutionsTimedOut");
  const limit = SPEND_LIMIT[config.stage];
  return [
    {
      id: "FailingRuns",
      says: "Run after run fails or ends at its deadline.",
      runbook: "failing-runs",
      metric: metrics.sum({ failed, late }, "runs that failed"),
      threshold: 5,
      periods: 3,
    },
    {
      id: "Spending",
      says: `Models cost more than $${limit} in an hour.`,
      runbook: "spending",
      metric: metrics.spend(config),
      threshold: limit,
    },
  ];
}

function watchDatabase({ database: { clusterIdentifier, maxConnections } }: DataResources): AlarmSpec[] {
  if (clusterIdentifier === undefined) return [];
  return [
    {
      id: "DatabaseCapacity",
      says: "The database works at more than 90 % of the capacity it may have.",
      runbook: "database-capacity",
      metric: metrics.databaseMetric(clusterIdentifier, "ACUUtilization"),
      threshold: 90,
      periods: 3,
    },
    {
      id: "DatabaseConnections",
      says: "More than 80 % of the database's connections are in use.",
      runbook: "database-connections",
      metric: metrics.databaseMetric(clusterIdentifier, "DatabaseConnections"),
      threshold: Math.floor(maxConnections * 0.8),
    },
  ];
}

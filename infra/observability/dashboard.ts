import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { functionTable } from "../../functions/function-table.ts";
import { queueTable } from "../../functions/queue-table.ts";
import { namesOf } from "../functions/map-table.ts";
import type { Watched } from "./alarms.ts";
import * as metrics from "./metrics.ts";

/** What one looks at first: who asks, what runs, what waits, what it costs. At most fifty metrics: a larger dashboard costs $3 a month. */
export function describeWidgets({ app, data, config }: Watched): cloudwatch.IWidget[][] {
  const { api, stateMachine, functions } = app;
  const entries = namesOf(functionTable);
  return [
    [
      graph("Requests", [
        metrics.gatewayMetric(api, "Count"),
        metrics.gatewayMetric(api, "4XXError"),
        metrics.gatewayMetric(api, "5XXError"),
      ]),
      graph(
        "Runs",
        ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"].map((name) =>
          metrics.machineMetric(stateMachine, name),
        ),
      ),
      graph("Dollars for models, an hour", [metrics.spend(config)]),
    ],
    [
      graph(
        "Messages that wait",
        namesOf(queueTable).map((name) => metrics.waiting(app.queues[name].queue).with({ label: name })),
      ),
      graph(
        "Age of the oldest message, seconds",
        namesOf(queueTable).map((name) => metrics.oldestAge(app.queues[name].queue).with({ label: name })),
      ),
      graph(
        "Dead letters",
        namesOf(queueTable)
          .filter((name) => !("givesUpTo" in queueTable[name]))
          .map((name) => metrics.waiting(app.queues[name].deadLetters).with({ label: name })),
      ),
    ],
    [
      graph(
        "Functions that failed",
        entries.map((entry) => metrics.functionMetric(functions[entry], "Errors").with({ label: entry })),
      ),
      graph(
        "HTTP functions, 95 of 100 answers within ms",
        entries
          .filter((entry) => entry.endsWith("/http"))
          .map((entry) => metrics.functionMetric(functions[entry], "Duration", "p95").with({ label: entry })),
      ),
      graph("Functions of the account at once", [metrics.accountMetric("ConcurrentExecutions", "Maximum")]),
    ],
    ...describeDatabase(data.database.clusterIdentifier),
  ];
}

function describeDatabase(clusterIdentifier: string | undefined): cloudwatch.IWidget[][] {
  if (clusterIdentifier === undefined) return [];
  const of = (name: string) => metrics.databaseMetric(clusterIdentifier, name);
  return [[graph("Capacity units of the database", [of("ServerlessDatabaseCapacity")]), graph("Connections", [of("DatabaseConnections")])]];
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width: 8, height: 6, leftYAxis: { min: 0 } });
}

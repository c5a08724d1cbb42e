import { MAX_RECEIVES, type QueueSettings, queueTable, VISIBILITY_MARGIN_SECONDS } from "../../../functions/queue-table.ts";
import { listDeployed } from "../template/deployed-functions.ts";
import { listQueues } from "../template/queues.ts";
import { findTarget } from "../template/resolve.ts";
import { listOf, listResources, property } from "../template/resources.ts";
import { compareLists, type Rule, saying } from "./rule.ts";

/** Every queue of the table is handed to its function, in the numbers of the table, and nothing else is. */
export const eventSources: Rule = ({ assembly }) => {
  const queues = listQueues(assembly);
  const deployed = listDeployed(assembly);
  const mappings = listResources(assembly, "AWS::Lambda::EventSourceMapping").map((mapping) => ({
    ...mapping,
    queue: queues.find(({ path }) => path === findTarget(mapping.text(mapping.properties["EventSourceArn"]))),
    consumer: deployed.find(({ path }) => path === findTarget(mapping.text(mapping.properties["FunctionName"]))),
  }));
  const wanted = Object.entries(queueTable).map(([name, { consumer }]) => `${name} to ${consumer}`);
  const given = mappings.map(
    ({ queue, consumer }) => `${queue?.name ?? "an unknown queue"} to ${consumer?.entry ?? "an unknown function"}`,
  );
  return [
    ...compareLists(given, wanted, {
      missing: (name) => `Nothing hands the queue ${name}.`,
      extra: (name) => `A mapping hands ${name}, which functions/queue-table.ts does not say.`,
    }),
    ...mappings.flatMap((mapping) => {
      const { queue, consumer } = mapping;
      if (queue?.name === undefined || consumer === undefined) return [];
      const { batchSize, maxConcurrency } = queueTable[queue.name];
      const visibility = queue.properties["VisibilityTimeout"];
      const wantedVisibility = consumer.settings.timeoutSeconds + VISIBILITY_MARGIN_SECONDS;
      return saying(
        [
          mapping.properties["BatchSize"] !== batchSize,
          `${mapping.path} takes ${String(mapping.properties["BatchSize"])} messages, not ${batchSize}.`,
        ],
        [
          property(mapping, "ScalingConfig", "MaximumConcurrency") !== maxConcurrency,
          `${mapping.path} has no maximum of ${maxConcurrency} batches at once.`,
        ],
        [Number(mapping.properties["MaximumBatchingWindowInSeconds"] ?? 0) !== 0, `${mapping.path} waits for fuller batches.`],
        [
          !listOf(mapping.properties["FunctionResponseTypes"]).includes("ReportBatchItemFailures"),
          `${mapping.path} repeats a whole batch for one message that failed.`,
        ],
        [
          visibility !== wantedVisibility,
          `The queue ${queue.name} shows its messages again after ${String(visibility)} s, not ${wantedVisibility} s: 30 s after ${consumer.entry} is stopped.`,
        ],
      );
    }),
    ...queues.flatMap((queue) => {
      if (queue.name === undefined) return [];
      const settings: QueueSettings = queueTable[queue.name];
      const [receives, wantedReceives] = [
        Number(property(queue, "RedrivePolicy", "maxReceiveCount")),
        settings.maxReceives ?? MAX_RECEIVES,
      ];
      return saying([
        receives !== wantedReceives,
        `The queue ${queue.name} gives a message up after ${receives} deliveries, not ${wantedReceives}.`,
      ]);
    }),
  ];
};

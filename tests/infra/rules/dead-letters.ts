import { type QueueSettings, queueTable } from "../../../functions/queue-table.ts";
import { listQueues } from "../template/queues.ts";
import { findTarget } from "../template/resolve.ts";
import { listResources, recordsOf } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** CloudWatch and people need time: what could not be handled lies as long as SQS can keep it. */
const DEAD_LETTER_SECONDS = 14 * 86_400;

/**
 * Every queue of the table has dead letters of its own, kept for fourteen days, and an alarm at the first of them; or it gives up to the queue
 * that the table names, which somebody is handed.
 */
export const deadLetters: Rule = ({ assembly }) => {
  const queues = listQueues(assembly);
  const working = queues.filter(({ name }) => name !== undefined);
  const watched = new Set(listResources(assembly, "AWS::CloudWatch::Alarm").flatMap((alarm) => findWatchedQueues(alarm)));
  return [
    ...working.flatMap(({ name, deadLetters: letters }) => {
      const { givesUpTo }: Partial<QueueSettings> = name === undefined ? {} : queueTable[name];
      if (givesUpTo !== undefined) {
        const taken = working.find((queue) => queue.name === givesUpTo)?.path;
        return saying([
          letters === undefined || letters !== taken,
          `The queue ${name ?? ""} does not give up to ${givesUpTo}: its runs would hang.`,
        ]);
      }
      const shared = working.filter((queue) => queue.deadLetters === letters).length > 1;
      return saying(
        [
          letters === undefined,
          `The queue ${name ?? ""} has no dead letters: a message that cannot be handled would come back until it expires.`,
        ],
        [letters !== undefined && shared, `The queue ${name ?? ""} shares its dead letters: nobody could tell whose they are.`],
      );
    }),
    ...queues
      .filter(({ path, name }) => name === undefined && working.some(({ deadLetters: letters }) => letters === path))
      .flatMap(({ path, properties }) =>
        saying(
          [properties["MessageRetentionPeriod"] !== DEAD_LETTER_SECONDS, `${path} does not keep dead letters for fourteen days.`],
          [!watched.has(path), `No alarm watches the dead letters in ${path}.`],
        ),
      ),
  ];
};

function findWatchedQueues({ properties, text }: ReturnType<typeof listResources>[number]): readonly string[] {
  const isAtFirst = Number(properties["Threshold"]) <= 1 && String(properties["ComparisonOperator"]).startsWith("GreaterThan");
  const metrics = [
    properties,
    ...recordsOf(properties["Metrics"]).flatMap((metric) => recordsOf(metric["MetricStat"]).flatMap((stat) => recordsOf(stat["Metric"]))),
  ];
  if (!isAtFirst) return [];
  return metrics
    .filter(({ MetricName }) => MetricName === "ApproximateNumberOfMessagesVisible")
    .flatMap((metric) => recordsOf(metric["Dimensions"]))
    .filter(({ Name }) => Name === "QueueName")
    .flatMap(({ Value }) => findTarget(text(Value)) ?? []);
}

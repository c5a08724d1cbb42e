import { listDeployed } from "../template/deployed-functions.ts";
import { listQueues } from "../template/queues.ts";
import { findTarget } from "../template/resolve.ts";
import { type Located, listOf, listResources, recordsOf } from "../template/resources.ts";
import { compareLists, type Rule, saying } from "./rule.ts";

/** What wakes somebody in the stage that people live by; in others as much as their budget pays. */
const watched = [
  "ACUUtilization",
  "ApproximateAgeOfOldestMessage",
  "ApproximateNumberOfMessagesVisible",
  "BrokenAuthorizer",
  "Count",
  "DatabaseConnections",
  "5XXError",
  "Duration",
  "Errors",
  "ExecutionsFailed",
  "ExecutionsTimedOut",
  "LlmSpend",
  "Throttles",
];

/** An alarm tells somebody, tells them that it is over, knows what silence means, and says where to read what to do. */
export const alarms: Rule = ({ assembly, config }) => {
  const topics = new Set(listResources(assembly, "AWS::SNS::Topic").map(({ path }) => path));
  const all = listResources(assembly, "AWS::CloudWatch::Alarm");
  const reaches = ({ text, properties }: Located, key: string) =>
    listOf(properties[key]).some((action) => topics.has(findTarget(text(action)) ?? ""));
  return [
    ...all.flatMap((alarm) => {
      const description = alarm.text(alarm.properties["AlarmDescription"] ?? "");
      return saying(
        [!reaches(alarm, "AlarmActions"), `${alarm.path} tells nobody.`],
        [!reaches(alarm, "OKActions"), `${alarm.path} does not tell when it is over.`],
        [alarm.properties["ActionsEnabled"] === false, `${alarm.path} is switched off.`],
        [alarm.properties["TreatMissingData"] === undefined, `${alarm.path} does not say what no data means.`],
        [!/docs\/deploy\.md#[\w-]+/.test(description), `${alarm.path} does not say where to read what to do.`],
      );
    }),
    ...(config.retain
      ? compareLists(all.flatMap(listMetrics), watched, {
          missing: (metric) => `Nobody is woken by ${metric}.`,
          extra: (metric) => `${metric} wakes somebody, which tests/infra/rules/alarms.ts does not know.`,
        })
      : []),
    ...findUnwatchedQueues(assembly, all, config.retain),
    ...findUnknownMetrics(assembly, all),
  ];
};

function listMetrics({ properties }: Located): readonly string[] {
  const parts = recordsOf(properties["Metrics"]).flatMap(({ MetricStat }) =>
    recordsOf(MetricStat).flatMap(({ Metric }) => recordsOf(Metric)),
  );
  return [properties, ...parts].flatMap(({ MetricName }) => (typeof MetricName === "string" ? [MetricName] : []));
}

/** A queue whose oldest message grows old: nobody handles it. */
function findUnwatchedQueues(assembly: Parameters<typeof listQueues>[0], all: readonly Located[], isStrict: boolean): readonly string[] {
  if (!isStrict) return [];
  const aged = all.filter(({ properties }) => properties["MetricName"] === "ApproximateAgeOfOldestMessage");
  const seen = new Set(
    aged.flatMap(({ text, properties }) => recordsOf(properties["Dimensions"]).map(({ Value }) => findTarget(text(Value)))),
  );
  return listQueues(assembly).flatMap(({ name, path }) =>
    saying([name !== undefined && !seen.has(path), `Nobody sees that messages of ${name ?? ""} grow old.`]),
  );
}

/** An alarm on dimensions of something that is not in the templates never rings. */
function findUnknownMetrics(assembly: Parameters<typeof listQueues>[0], all: readonly Located[]): readonly string[] {
  const functions = new Set(listDeployed(assembly).map(({ path }) => path));
  return all.flatMap(({ path, text, properties }) => {
    const parts = recordsOf(properties["Metrics"]).flatMap(({ MetricStat }) =>
      recordsOf(MetricStat).flatMap(({ Metric }) => recordsOf(Metric)),
    );
    const named = [properties, ...parts].flatMap(({ Dimensions }) => recordsOf(Dimensions)).filter(({ Name }) => Name === "FunctionName");
    return named
      .filter(({ Value }) => !functions.has(findTarget(text(Value)) ?? ""))
      .map(() => `${path} watches a function that is not there.`);
  });
}

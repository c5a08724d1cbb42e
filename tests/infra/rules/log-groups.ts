import { findTarget } from "../template/resolve.ts";
import { type Located, listResources, property, recordsOf } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** Where each kind of resource says which log group is its own. */
const writers: Readonly<Record<string, (located: Located) => unknown>> = {
  "AWS::Lambda::Function": (located) => property(located, "LoggingConfig", "LogGroup"),
  "AWS::ApiGateway::Stage": (located) => property(located, "AccessLogSetting", "DestinationArn"),
  "AWS::EC2::FlowLog": ({ properties }) => properties["LogGroupName"],
  "AWS::StepFunctions::StateMachine": (located) => {
    const [destination] = recordsOf(property(located, "LoggingConfiguration", "Destinations"));
    return property({ properties: destination ?? {} }, "CloudWatchLogsLogGroup", "LogGroupArn");
  },
};

/** Whatever writes a log writes it into a group of the template, which keeps its lines as long as the stage says and no longer. */
export const logGroups: Rule = ({ assembly, config }) => {
  const groups = listResources(assembly, "AWS::Logs::LogGroup");
  const paths = new Set(groups.map(({ path }) => path));
  const literal = (name: string) => groups.some(({ text, properties }) => text(properties["LogGroupName"]).startsWith(name));
  const used = new Map<string, string>();
  return [
    ...groups.flatMap(({ path, properties, text }) =>
      saying([
        properties["RetentionInDays"] !== config.logDays,
        `${path} keeps lines for ${text(properties["RetentionInDays"] ?? "countless")} days, not ${config.logDays}.`,
      ]),
    ),
    ...listResources(assembly, ...Object.keys(writers)).flatMap((located) => {
      const target = findTarget(located.text(writers[located.type]?.(located)));
      const other = used.get(target ?? "");
      used.set(target ?? "", located.path);
      return saying(
        [
          target === undefined || !paths.has(target),
          `${located.path} writes into a log group of no template, which would keep its lines for ever.`,
        ],
        [target !== undefined && other !== undefined, `${located.path} and ${other ?? ""} write into one log group.`],
      );
    }),
    ...listResources(assembly, "AWS::RDS::DBCluster").flatMap(({ path, text, properties }) => {
      const name = `/aws/rds/cluster/${text(properties["DBClusterIdentifier"])}/`;
      return saying([!literal(name), `${path} writes into ${name}…, which no template makes.`]);
    }),
    ...saying([
      !literal("API-Gateway-Execution-Logs_"),
      "API Gateway makes the group of its execution logs itself, and keeps them for ever.",
    ]),
    ...listResources(assembly, "AWS::ApiGateway::Stage").flatMap((stage) =>
      recordsOf(property(stage, "MethodSettings")).flatMap((setting) =>
        saying([
          setting["DataTraceEnabled"] === true,
          `${stage.path} logs bodies of ${String(setting["ResourcePath"])}, which hold what people wrote.`,
        ]),
      ),
    ),
  ];
};

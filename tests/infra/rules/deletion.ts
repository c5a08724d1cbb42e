import { type Located, listResources, property } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** What holds what cannot be made again, and what must become of it when its stack goes and the stage retains. */
export const stateful: Readonly<Record<string, "Retain" | "Snapshot">> = {
  "AWS::RDS::DBCluster": "Snapshot",
  "AWS::DynamoDB::Table": "Retain",
  "AWS::KMS::Key": "Retain",
  "AWS::S3::Bucket": "Retain",
  "AWS::SecretsManager::Secret": "Retain",
};

/** The cache's items and the dashboard's files are made again. */
const isMadeAgain = ({ id, stack }: Located) => stack.endsWith("-edge") || id.startsWith("CacheItems");

/** With the switch `retain` nothing that matters goes with its stack; without it everything does, so that a stage can be thrown away. */
export const deletion: Rule = ({ assembly, config }) => [
  ...assembly.stacks.flatMap(({ name, isProtected }) =>
    saying([
      name.endsWith("-data") && isProtected !== config.retain,
      `${name} ${isProtected ? "cannot be deleted, though its stage retains nothing" : "can be deleted by one command, though its stage retains its data"}.`,
    ]),
  ),
  ...listResources(assembly, ...Object.keys(stateful))
    .filter((located) => !isMadeAgain(located))
    .flatMap((located) => {
      const wanted = config.retain ? (stateful[located.type] ?? "Retain") : "Delete";
      return saying(
        [
          located.deletionPolicy !== wanted,
          `${located.path} is left to ${located.deletionPolicy ?? "the default"} when its stack goes, not to ${wanted}.`,
        ],
        [
          located.replacePolicy !== wanted,
          `${located.path} is left to ${located.replacePolicy ?? "the default"} when it is replaced, not to ${wanted}.`,
        ],
      );
    }),
  ...listResources(assembly, "AWS::RDS::DBCluster").flatMap((cluster) => {
    const days = Number(cluster.properties["BackupRetentionPeriod"] ?? 0);
    return saying(
      [
        cluster.properties["DeletionProtection"] !== config.retain,
        `${cluster.path} is ${config.retain ? "not protected" : "protected"} from deletion.`,
      ],
      [days < (config.retain ? 35 : 7), `${cluster.path} keeps backups for ${days} days.`],
    );
  }),
  ...listResources(assembly, "AWS::DynamoDB::Table")
    .filter((located) => !isMadeAgain(located))
    .flatMap((table) =>
      saying(
        [
          property(table, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") !== true,
          `${table.path} cannot be taken back to a moment.`,
        ],
        [
          table.properties["DeletionProtectionEnabled"] !== config.retain,
          `${table.path} is ${config.retain ? "not protected" : "protected"} from deletion.`,
        ],
      ),
    ),
  ...listResources(assembly, "AWS::S3::Bucket")
    .filter((located) => !isMadeAgain(located))
    .flatMap((bucket) =>
      saying([
        property(bucket, "VersioningConfiguration", "Status") !== "Enabled",
        `${bucket.path} keeps no versions to undo a mistake with.`,
      ]),
    ),
];

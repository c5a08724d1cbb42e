import type { Assembly } from "../template/assembly.ts";
import { findTarget } from "../template/resolve.ts";
import { type Located, listResources, property, recordsOf } from "../template/resources.ts";
import { listResourceStatements } from "../template/statements.ts";
import { findKey } from "./permissions.ts";
import { type Rule, saying } from "./rule.ts";

/** Stores of what people wrote: encrypted with the stage's own key, which can be taken away. */
const stores = ["AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::RDS::DBCluster", "AWS::ElastiCache::ServerlessCache"];

/** Everything is encrypted where it lies, by one key of the stage, and on its way: no store answers a caller without TLS. */
export const encryption: Rule = ({ assembly }) => {
  const keys = listResources(assembly, "AWS::KMS::Key");
  return [
    ...saying([keys.length !== 1, `There are ${keys.length} keys, not one for the stage.`]),
    ...keys.flatMap(({ path, properties }) => saying([properties["EnableKeyRotation"] !== true, `${path} is never rotated.`])),
    ...listResources(assembly, ...stores).flatMap(({ path }) =>
      saying([findKey(assembly, path) !== keys[0]?.path, `${path} is not encrypted with the stage's key.`]),
    ),
    ...listResources(assembly, "AWS::S3::Bucket").flatMap((bucket) => judgeBucket(assembly, bucket, keys[0]?.path)),
    ...listResources(assembly, "AWS::SQS::Queue").flatMap(({ path, properties }) =>
      saying(
        [properties["SqsManagedSseEnabled"] !== true, `${path} is not encrypted by SQS.`],
        [properties["KmsMasterKeyId"] !== undefined, `${path} is encrypted with a key, so that every sender would need it.`],
        [!refusesPlainHttp(assembly, "AWS::SQS::QueuePolicy", "Queues", path), `${path} takes messages over plain HTTP.`],
      ),
    ),
    ...listResources(assembly, "AWS::SNS::Topic").flatMap(({ path }) =>
      saying([!refusesPlainHttp(assembly, "AWS::SNS::TopicPolicy", "Topics", path), `${path} takes messages over plain HTTP.`]),
    ),
    ...listResources(assembly, "AWS::RDS::DBCluster").flatMap((cluster) => judgeCluster(assembly, cluster)),
    ...listResources(assembly, "AWS::ElastiCache::User").flatMap((user) => {
      const isIam = property(user, "AuthenticationMode", "Type") === "iam";
      const isNobody = String(user.properties["AccessString"]).startsWith("off ");
      return saying([!isIam && !isNobody, `${user.path} has a password, or none: users sign in by IAM.`]);
    }),
  ];
};

/** Files of the dashboard are public, so a key of S3's own is enough for them. */
function judgeBucket(assembly: Assembly, bucket: Located, key: string | undefined): readonly string[] {
  const [rule] = recordsOf(property(bucket, "BucketEncryption", "ServerSideEncryptionConfiguration"));
  const algorithm = property({ properties: rule ?? {} }, "ServerSideEncryptionByDefault", "SSEAlgorithm");
  const isPublicContent = bucket.stack.endsWith("-edge");
  return saying(
    [algorithm === undefined, `${bucket.path} does not say how it is encrypted.`],
    [
      !isPublicContent && (algorithm !== "aws:kms" || findKey(assembly, bucket.path) !== key),
      `${bucket.path} is not encrypted with the stage's key.`,
    ],
    [!refusesPlainHttp(assembly, "AWS::S3::BucketPolicy", "Bucket", bucket.path), `${bucket.path} answers over plain HTTP.`],
  );
}

function judgeCluster(assembly: Assembly, cluster: Located): readonly string[] {
  const group = findTarget(cluster.text(cluster.properties["DBClusterParameterGroupName"]));
  const parameters = listResources(assembly, "AWS::RDS::DBClusterParameterGroup").find(({ path }) => path === group);
  const isForced = parameters !== undefined && property(parameters, "Parameters", "rds.force_ssl") === "1";
  return saying(
    [cluster.properties["StorageEncrypted"] !== true, `${cluster.path} does not encrypt its storage.`],
    [!isForced, `${cluster.path} takes connections without TLS.`],
  );
}

function refusesPlainHttp(assembly: Assembly, type: string, field: string, path: string): boolean {
  return listResourceStatements(assembly, type, field, path).some(
    ({ effect, principals, condition }) =>
      effect === "Deny" && principals.includes("*") && JSON.stringify(condition ?? {}).includes('"aws:SecureTransport":"false"'),
  );
}

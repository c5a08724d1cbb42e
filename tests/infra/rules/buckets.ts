import { listResources, property } from "../template/resources.ts";
import { listResourceStatements } from "../template/statements.ts";
import { type Rule, saying } from "./rule.ts";

const BLOCKS = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];

/** No bucket can be made public, by whatever policy or list somebody adds. */
export const buckets: Rule = ({ assembly }) =>
  listResources(assembly, "AWS::S3::Bucket").flatMap((bucket) => {
    const opened = listResourceStatements(assembly, "AWS::S3::BucketPolicy", "Bucket", bucket.path).filter(
      ({ effect, principals }) => effect === "Allow" && principals.includes("*"),
    );
    return [
      ...BLOCKS.filter((name) => property(bucket, "PublicAccessBlockConfiguration", name) !== true).map(
        (name) => `${bucket.path} does not set ${name}.`,
      ),
      ...saying(
        [
          !JSON.stringify(bucket.properties["OwnershipControls"] ?? {}).includes("BucketOwnerEnforced"),
          `${bucket.path} still knows access lists.`,
        ],
        [opened.length > 0, `The policy of ${bucket.path} lets everybody in.`],
      ),
    ];
  });

import { RemovalPolicy } from "aws-cdk-lib";
import * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { interfaceOf } from "./interface-of.ts";

/** The built dashboard, which only the distribution reads. It is made from the repository, so nothing in it is worth keeping. */
export function createDashboardBucket(scope: Construct, id: string): s3.IBucket {
  const bucket = new s3.Bucket(scope, id, {
    // A key of ours would have to name the distribution, which names the bucket.
    encryption: s3.BucketEncryption.S3_MANAGED,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return interfaceOf<s3.IBucket>(bucket);
}

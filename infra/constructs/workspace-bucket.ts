import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { interfaceOf } from "./interface-of.ts";

type BucketProps = { readonly key: kms.IKey; readonly retain: boolean };

/** Files of runs, and requests and results that are too large for a message. Who wrote an object decides when it goes. */
export function createWorkspaceBucket(scope: Construct, id: string, { key, retain }: BucketProps): s3.IBucket {
  const bucket = new s3.Bucket(scope, id, {
    encryption: s3.BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    lifecycleRules: [
      {
        abortIncompleteMultipartUploadAfter: Duration.days(1),
        // A version is there to undo a mistake. What somebody asked to forget must go for good.
        noncurrentVersionExpiration: Duration.days(retain ? 30 : 7),
        expiredObjectDeleteMarker: true,
      },
    ],
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  return interfaceOf<s3.IBucket>(bucket);
}

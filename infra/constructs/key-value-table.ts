import { RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import type * as kms from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { interfaceOf } from "./interface-of.ts";

type TableProps = { readonly key: kms.IKey; readonly retain: boolean };

/** A table of items by one text key, each of which may say in `ttl`, in seconds since 1970, when it goes. */
export function createKeyValueTable(scope: Construct, id: string, { key, retain }: TableProps): dynamodb.ITable {
  // Not TableV2, which cannot be encrypted with a key of ours in a stack whose account is not known before it is deployed.
  const table = new dynamodb.Table(scope, id, {
    partitionKey: { name: "pk", type: dynamodb.AttributeType.STRING },
    timeToLiveAttribute: "ttl",
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: key,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: retain,
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  return interfaceOf<dynamodb.ITable>(table);
}

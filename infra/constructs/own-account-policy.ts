import { Aws } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";

/**
 * The policy of a VPC endpoint: whoever calls through it, with whatever credentials, reaches resources of this account alone. What
 * functions may do there is said by their roles.
 */
export function allowOwnAccountOnly(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.AnyPrincipal()],
    actions: ["*"],
    resources: ["*"],
    conditions: { StringEquals: { "aws:ResourceAccount": Aws.ACCOUNT_ID } },
  });
}

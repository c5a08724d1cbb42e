import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";

const EVERY_DAYS = 30;

type Props = { readonly secret: secretsmanager.ISecret; readonly rotate: lambda.IFunction };

/**
 * Changes the keys that tokens are signed with every thirty days, and makes the first ones when the stack is made. Not by the construct of
 * CDK: that would write into the policies of secret and key, which are another stack's.
 */
export class KeyRotation extends Construct {
  constructor(scope: Construct, id: string, { secret, rotate }: Props) {
    super(scope, id);
    rotate.addPermission("SecretsManager", {
      principal: new iam.ServicePrincipal("secretsmanager.amazonaws.com"),
      sourceArn: secret.secretArn,
    });
    const schedule = new secretsmanager.CfnRotationSchedule(this, "Schedule", {
      secretId: secret.secretArn,
      rotationLambdaArn: rotate.functionArn,
      rotationRules: { automaticallyAfterDays: EVERY_DAYS },
      rotateImmediatelyOnUpdate: true,
    });
    // And on the permission, which is a part of the function: the first rotation follows at once.
    schedule.node.addDependency(rotate);
  }
}

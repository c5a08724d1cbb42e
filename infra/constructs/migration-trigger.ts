import { CfnResource, CustomResourceProviderBase, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import * as triggers from "aws-cdk-lib/triggers";
import { Construct } from "constructs";
import { functionTable } from "../../functions/function-table.ts";

type Props = {
  readonly migrate: lambda.Function;
  /** Of the migrations: another one is another version of the function, which is invoked. */
  readonly version: string;
  /** Wait for it: they find a database that is up to date, or the deployment fails before they change. */
  readonly before: readonly Construct[];
  readonly logRetention: logs.RetentionDays;
};

/** Invokes the migrations while the stack is made or changed, and again whenever they changed. */
export class MigrationTrigger extends Construct {
  constructor(scope: Construct, id: string, { migrate, version, before, logRetention }: Props) {
    super(scope, id);
    migrate.invalidateVersionBasedOn(version);
    new triggers.Trigger(this, "Trigger", {
      handler: migrate,
      timeout: Duration.seconds(functionTable["orchestrator/migrate"].timeoutSeconds + 30),
      invocationType: triggers.InvocationType.REQUEST_RESPONSE,
      executeBefore: [...before],
    });
    const logGroup = new logs.LogGroup(this, "Logs", { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    hold(findProvider(this), logGroup);
  }
}

/** CDK's own function that invokes ours in the name of CloudFormation. */
function findProvider(scope: Construct): CustomResourceProviderBase {
  const provider = Stack.of(scope).node.findChild("AWSCDK.TriggerCustomResourceProviderCustomResourceProvider");
  if (provider instanceof CustomResourceProviderBase) return provider;
  throw new Error("The trigger's provider is no longer what it was: read how aws-cdk-lib makes it now.");
}

/** Made like every other function here: no managed policy, a log group of its own, arm64, traced. */
function hold(provider: CustomResourceProviderBase, logGroup: logs.LogGroup): void {
  const resource = (id: string): CfnResource => {
    const found = provider.node.findChild(id);
    if (found instanceof CfnResource) return found;
    throw new Error(`The trigger's ${id} is no plain resource any more: read how aws-cdk-lib makes it now.`);
  };
  resource("Role").addPropertyDeletionOverride("ManagedPolicyArns");
  provider.addToRolePolicy({ Effect: "Allow", Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: [logGroup.logGroupArn] });
  provider.addToRolePolicy({ Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: ["*"] });
  const handler = resource("Handler");
  handler.addPropertyOverride("Architectures", ["arm64"]);
  handler.addPropertyOverride("LoggingConfig", { LogGroup: logGroup.logGroupName });
  handler.addPropertyOverride("TracingConfig", { Mode: "Active" });
}

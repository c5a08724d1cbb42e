import { RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import definition from "../state-machines/run.asl.json" with { type: "json" };

/** Neither delivery of logs nor tracing can be allowed on less than everything. */
const DELIVER_LOGS = [
  "logs:CreateLogDelivery",
  "logs:GetLogDelivery",
  "logs:UpdateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:DescribeResourcePolicies",
  "logs:DescribeLogGroups",
];
const TRACE = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"];

/** The life of a run: one execution each. All that it may do is to send a phase to the queue `control`. */
export class RunStateMachine extends Construct {
  readonly machine: sfn.StateMachine;

  constructor(scope: Construct, id: string, props: { readonly control: sqs.IQueue; readonly logRetention: logs.RetentionDays }) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, "Logs", {
      // Under this prefix AWS's own deliveries share one entry of the account's policy, which has a size.
      logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}-run`,
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(this, "Role", {
      assumedBy: new iam.ServicePrincipal("states.amazonaws.com"),
      inlinePolicies: {
        Work: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({ actions: ["sqs:SendMessage"], resources: [props.control.queueArn] }),
            new iam.PolicyStatement({ actions: [...DELIVER_LOGS, ...TRACE], resources: ["*"] }),
          ],
        }),
      },
    });
    this.machine = new sfn.StateMachine(this, "Machine", {
      stateMachineType: sfn.StateMachineType.STANDARD,
      definitionBody: sfn.DefinitionBody.fromString(JSON.stringify(definition)),
      definitionSubstitutions: { ControlQueueUrl: props.control.queueUrl },
      role: role.withoutPolicyUpdates(),
      tracingEnabled: true,
      // Without execution data: an error's cause may quote what a person wrote.
      logs: { destination: logGroup, level: sfn.LogLevel.ERROR, includeExecutionData: false },
    });
  }
}

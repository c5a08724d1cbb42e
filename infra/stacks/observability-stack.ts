import { Stack, type StackProps } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as actions from "aws-cdk-lib/aws-cloudwatch-actions";
import * as iam from "aws-cdk-lib/aws-iam";
import * as logs from "aws-cdk-lib/aws-logs";
import * as sns from "aws-cdk-lib/aws-sns";
import * as subscriptions from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import type { AlarmSpec } from "../observability/alarm.ts";
import { describeAlarms, type Watched } from "../observability/alarms.ts";
import { describeWidgets } from "../observability/dashboard.ts";
import { metricNamespace } from "../observability/metric-namespace.ts";
import { BROKEN_AUTHORIZER } from "../observability/metrics.ts";

export type ObservabilityStackProps = StackProps & Watched;

/** Who is told when something is the matter, and where one looks. */
export class ObservabilityStack extends Stack {
  readonly topic: sns.Topic;
  readonly alarms: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, { config, app, data, ...props }: ObservabilityStackProps) {
    super(scope, id, props);
    this.topic = this.addTopic(config);
    new logs.MetricFilter(this, "BrokenAuthorizerLines", {
      logGroup: app.accessLogs,
      filterPattern: logs.FilterPattern.any(
        ...["AUTHORIZER_FAILURE", "AUTHORIZER_CONFIGURATION_ERROR"].map((type) => logs.FilterPattern.stringValue("$.error", "=", type)),
      ),
      metricNamespace: metricNamespace(config.stage),
      metricName: BROKEN_AUTHORIZER,
    });
    this.alarms = describeAlarms({ config, app, data }).map((spec) => this.addAlarm(spec));
    new cloudwatch.Dashboard(this, "Dashboard", {
      dashboardName: `CognitionOS-${config.stage}`,
      widgets: describeWidgets({ config, app, data }),
    });
  }

  private addTopic({ stage, alarmEmail }: Watched["config"]): sns.Topic {
    const topic = new sns.Topic(this, "Alarms", { displayName: `CognitionOS ${stage}`, enforceSSL: true });
    // A topic with a policy of its own has lost the one that let the account's alarms in.
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": this.account } },
      }),
    );
    if (alarmEmail !== undefined) topic.addSubscription(new subscriptions.EmailSubscription(alarmEmail));
    return topic;
  }

  private addAlarm({ id, says, runbook, metric, threshold, periods = 1 }: AlarmSpec): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      alarmDescription: `${says} What to do: docs/deploy.md#${runbook}`,
      metric,
      threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      // Where nothing happens nothing is measured.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    const tell = new actions.SnsAction(this.topic);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
    return alarm;
  }
}

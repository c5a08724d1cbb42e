import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import type * as sfn from "aws-cdk-lib/aws-stepfunctions";
import type { StageConfig } from "../config/stage-config.ts";
import { metricNamespace } from "./metric-namespace.ts";

const PERIOD = Duration.minutes(5);

const metric = (namespace: string, metricName: string, statistic: string, dimensionsMap: Record<string, string> = {}, period = PERIOD) =>
  new cloudwatch.Metric({ namespace, metricName, statistic, dimensionsMap, period });

export const waiting = ({ queueName }: sqs.IQueue) =>
  metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", { QueueName: queueName });

/** Seconds. A message that is delayed, or being handled, counts from its sending on. */
export const oldestAge = ({ queueName }: sqs.IQueue) =>
  metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", { QueueName: queueName });

export const functionMetric = ({ functionName }: lambda.IFunction, name: string, statistic = "Sum") =>
  metric("AWS/Lambda", name, statistic, { FunctionName: functionName });

/** Of all functions of the account in this region. */
export const accountMetric = (name: string, statistic = "Sum") => metric("AWS/Lambda", name, statistic);

export const gatewayMetric = (api: { readonly restApiName: string }, name: string, statistic = "Sum") =>
  metric("AWS/ApiGateway", name, statistic, { ApiName: api.restApiName });

export const machineMetric = ({ stateMachineArn }: sfn.IStateMachine, name: string, statistic = "Sum") =>
  metric("AWS/States", name, statistic, { StateMachineArn: stateMachineArn });

export const databaseMetric = (clusterIdentifier: string, name: string) =>
  metric("AWS/RDS", name, "Maximum", { DBClusterIdentifier: clusterIdentifier });

/** Dollars that were billed for models, as the conductor books them. */
export const spend = ({ stage }: Pick<StageConfig, "stage">, period = Duration.hours(1)) =>
  metric(metricNamespace(stage), "LlmSpend", "Sum", {}, period);

/** Times that the authorizer broke; that it turned somebody away is no error of it, though Lambda counts it as one. */
export const brokenAuthorizer = ({ stage }: Pick<StageConfig, "stage">) => metric(metricNamespace(stage), BROKEN_AUTHORIZER, "Sum");

/** Made of the lines of the access log. */
export const BROKEN_AUTHORIZER = "BrokenAuthorizer";

/** A calculation over metrics of five minutes. */
export function calculate(expression: string, usingMetrics: Record<string, cloudwatch.IMetric>, label: string): cloudwatch.MathExpression {
  return new cloudwatch.MathExpression({ expression, usingMetrics, label, period: PERIOD });
}

/** A function that was not called has no number at all, and a sum with a gap has none either: gaps count as nothing. */
export function sum(parts: Record<string, cloudwatch.IMetric>, label: string): cloudwatch.MathExpression {
  const filled = Object.keys(parts).map((name) => `FILL(${name}, 0)`);
  return calculate(`SUM([${filled.join(", ")}])`, parts, label);
}

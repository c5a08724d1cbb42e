import { RemovalPolicy } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as logs from "aws-cdk-lib/aws-logs";
import type { StageConfig } from "../config/stage-config.ts";

/** Keeps a line of every packet that no rule let through: nothing should, so it costs nothing until something tries. */
export function logRejections(vpc: ec2.Vpc, config: StageConfig): void {
  const logGroup = new logs.LogGroup(vpc, "RejectedTraffic", { retention: config.logDays, removalPolicy: RemovalPolicy.DESTROY });
  vpc.addFlowLog("Rejections", {
    destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup),
    trafficType: ec2.FlowLogTrafficType.REJECT,
  });
}

import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type * as apigateway from "aws-cdk-lib/aws-apigateway";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { createDashboardBucket } from "../constructs/dashboard-bucket.ts";
import { Firewall } from "../constructs/firewall.ts";
import { FrontDoor } from "../constructs/front-door.ts";

export type EdgeStackProps = StackProps & { readonly config: StageConfig; readonly api: apigateway.RestApiBase };

/** What the world sees: one address for dashboard and API, and a firewall where the stage has one. */
export class EdgeStack extends Stack {
  constructor(scope: Construct, id: string, { config, api, ...props }: EdgeStackProps) {
    super(scope, id, props);
    const dashboard = createDashboardBucket(this, "Dashboard");
    const { distribution } = new FrontDoor(this, "FrontDoor", { api, dashboard, comment: `CognitionOS ${config.stage}` });
    if (config.waf) new Firewall(this, "Firewall", { stageArn: api.deploymentStage.stageArn });
    new CfnOutput(this, "Url", { value: `https://${distribution.distributionDomainName}` });
    new CfnOutput(this, "DashboardBucket", { value: dashboard.bucketName, description: "Where the built dashboard is uploaded" });
    new CfnOutput(this, "DistributionId", { value: distribution.distributionId, description: "What an upload makes forget old pages" });
  }
}

import { Duration, Stack } from "aws-cdk-lib";
import type * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as cloudfront from "aws-cdk-lib/aws-cloudfront";
import * as origins from "aws-cdk-lib/aws-cloudfront-origins";
import type * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { interfaceOf } from "./interface-of.ts";
import { createApiHeaders, createPageHeaders } from "./security-headers.ts";

/** What of the one origin is the API's; everything else is the dashboard's. */
export const API_PATHS = ["/v1/*", "/health", "/problems/*"];

type Props = { readonly api: apigateway.RestApiBase; readonly dashboard: s3.IBucket; readonly comment: string };

/** One address for dashboard and API, so that the browser asks for no leave to call across origins. */
export class FrontDoor extends Construct {
  readonly distribution: cloudfront.Distribution;

  constructor(scope: Construct, id: string, { api, dashboard, comment }: Props) {
    super(scope, id);
    const answers = this.describeAnswers(api);
    this.distribution = new cloudfront.Distribution(this, "Distribution", {
      comment,
      defaultRootObject: "index.html",
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      priceClass: cloudfront.PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: origins.S3BucketOrigin.withOriginAccessControl(dashboard),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy: interfaceOf<cloudfront.IResponseHeadersPolicy>(createPageHeaders(this, "PageHeaders")),
      },
      // No page for errors: it would stand in the place of the API's problems as well.
      additionalBehaviors: Object.fromEntries(API_PATHS.map((path) => [path, answers])),
    });
  }

  private describeAnswers(api: apigateway.RestApiBase): cloudfront.BehaviorOptions {
    const { region, urlSuffix } = Stack.of(this);
    return {
      origin: new origins.HttpOrigin(`${api.restApiId}.execute-api.${region}.${urlSuffix}`, {
        originPath: `/${api.deploymentStage.stageName}`,
        protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
        originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
        // Between two bytes of an answer. The longest that is no stream takes 29 s, and a stream says something every 15 s.
        readTimeout: Duration.seconds(60),
      }),
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      // A redirect would come after a token had crossed the wire in clear.
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      // API Gateway finds the API by the host.
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: interfaceOf<cloudfront.IResponseHeadersPolicy>(createApiHeaders(this, "ApiHeaders")),
    };
  }
}

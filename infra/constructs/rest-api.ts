import { Aws, RemovalPolicy } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { type FunctionEntry, functionTable } from "../../functions/function-table.ts";
import { routeTable } from "../../functions/route-table.ts";
import { describeRestApi } from "../api/api-definition.ts";
import { findRouteFaults } from "../api/check-routes.ts";
import { chooseThrottle, findThrottle, type Throttle } from "../api/throttling.ts";
import { GatewayLogging } from "./gateway-logging.ts";

const STAGE = "live";

type Props = {
  readonly functions: Readonly<Record<FunctionEntry, lambda.IFunction>>;
  readonly config: { readonly reservedConcurrency: boolean };
  readonly logRetention: logs.RetentionDays;
  /** A setting of the account and region, which an emulator has not. */
  readonly setsUpLogging: boolean;
};

/** The REST API of our route table: regional, behind the authorizer where a route says so, streamed where a route says so. */
export class RestApi extends Construct {
  readonly api: apigateway.SpecRestApi;
  /** A line of JSON for each request. */
  readonly accessLogs: logs.LogGroup;

  constructor(scope: Construct, id: string, { functions, config, logRetention, setsUpLogging }: Props) {
    super(scope, id);
    const faults = findRouteFaults(routeTable);
    if (faults.length > 0) throw new Error(faults.join(" "));
    this.accessLogs = new logs.LogGroup(this, "AccessLogs", { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    this.api = new apigateway.SpecRestApi(this, "Api", {
      restApiName: `${scope.node.id}`,
      apiDefinition: apigateway.ApiDefinition.fromInline(
        describeRestApi({
          routes: routeTable,
          integrationUri: (entry, isStream) => toIntegrationUri(functions[entry].functionArn, isStream),
          timeoutSeconds: (entry) => functionTable[entry].timeoutSeconds,
        }),
      ),
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      // Every body arrives byte by byte, whatever its type says.
      binaryMediaTypes: ["*/*"],
      cloudWatchRole: false,
      deployOptions: {
        stageName: STAGE,
        tracingEnabled: true,
        ...logErrors,
        ...toThrottling(chooseThrottle(config)),
        methodOptions: describeMethodOptions(),
        accessLogDestination: new apigateway.LogGroupLogDestination(this.accessLogs),
        accessLogFormat: apigateway.AccessLogFormat.custom(JSON.stringify(ACCESS_LINE)),
      },
    });
    const executionLogs = new logs.LogGroup(this, "ExecutionLogs", {
      // API Gateway would make it itself, and keep it for ever.
      logGroupName: `API-Gateway-Execution-Logs_${this.api.restApiId}/${STAGE}`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api.deploymentStage.node.addDependency(executionLogs);
    if (setsUpLogging) this.api.deploymentStage.node.addDependency(new GatewayLogging(this, "Logging"));
    this.letInvoke(functions);
  }

  /** One permission a function, for all of its methods. */
  private letInvoke(functions: Props["functions"]): void {
    const principal = new iam.ServicePrincipal("apigateway.amazonaws.com");
    for (const entry of new Set(routeTable.map((served) => served.entry))) {
      functions[entry].addPermission("Gateway", { principal, sourceArn: this.api.arnForExecuteApi("*", "/*", STAGE) });
    }
    const authorizers = `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${this.api.restApiId}/authorizers/*`;
    functions["gateway/authorizer"].addPermission("Gateway", { principal, sourceArn: authorizers });
  }
}

function toIntegrationUri(functionArn: string, isStream: boolean): string {
  const path = isStream
    ? `2021-11-15/functions/${functionArn}/response-streaming-invocations`
    : `2015-03-31/functions/${functionArn}/invocations`;
  return `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/${path}`;
}

/** No bodies, and nothing of what was sent or answered. */
const logErrors = { loggingLevel: apigateway.MethodLoggingLevel.ERROR, dataTraceEnabled: false };

const toThrottling = ({ rate, burst }: Throttle) => ({ throttlingRateLimit: rate, throttlingBurstLimit: burst });

function describeMethodOptions(): Record<string, apigateway.MethodDeploymentOptions> {
  return Object.fromEntries(
    routeTable.flatMap((served) => {
      const { route } = served;
      const throttle = findThrottle(served);
      // A method with settings of its own takes none from the stage.
      return throttle === undefined ? [] : [[`${route.path}/${route.method}`, { ...logErrors, ...toThrottling(throttle) }]];
    }),
  );
}

/** Who asked for what and how it went; neither query, headers nor bodies. */
const ACCESS_LINE = {
  requestId: "$context.requestId",
  time: "$context.requestTime",
  ip: "$context.identity.sourceIp",
  method: "$context.httpMethod",
  route: "$context.resourcePath",
  status: "$context.status",
  bytes: "$context.responseLength",
  durationMs: "$context.responseLatency",
  functionMs: "$context.integrationLatency",
  functionStatus: "$context.integrationStatus",
  authorizerMs: "$context.authorizer.integrationLatency",
  authorizerStatus: "$context.authorizer.status",
  userId: "$context.authorizer.user_id",
  workspaceId: "$context.authorizer.workspace_id",
  error: "$context.error.responseType",
  traceId: "$context.xrayTraceId",
};

import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { type FunctionEntry, type FunctionSettings, functionTable } from "../../functions/function-table.ts";
import type { FunctionWiring } from "../functions/function-wiring.ts";
import { joinNetwork, type Network } from "../functions/join-network.ts";

export type CognitionFunctionProps = {
  readonly entry: FunctionEntry;
  readonly wiring: FunctionWiring;
  /** Absent outside any VPC. */
  readonly network?: Network | undefined;
  readonly logRetention: logs.RetentionDays;
  /** Kept for it alone, and its limit. */
  readonly reservedConcurrency?: number | undefined;
};

/** A Lambda function of the table: the bundle that was built and tested, a role and a log group of its own. */
export class CognitionFunction extends lambda.Function {
  constructor(scope: Construct, id: string, { entry, wiring, network, logRetention, reservedConcurrency }: CognitionFunctionProps) {
    const { timeoutSeconds, memoryMegabytes, isPerTenant, zone }: FunctionSettings = functionTable[entry];
    // What runs untrusted code writes its log, and nothing to anybody else.
    const isTraced = zone !== "sandbox";
    const joined = joinNetwork(network);
    const logGroup = new logs.LogGroup(scope, `${id}Logs`, { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const role = createRole(scope, `${id}Role`, [
      ...writeLogs(logGroup),
      ...(isTraced ? [trace()] : []),
      ...joined.permissions,
      ...wiring.permissions,
    ]);
    super(scope, id, {
      description: `${entry} of CognitionOS`,
      code: lambda.Code.fromAsset(`dist/functions/${entry}`),
      handler: "index.handler",
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      timeout: Duration.seconds(timeoutSeconds),
      memorySize: memoryMegabytes,
      tracing: isTraced ? lambda.Tracing.ACTIVE : lambda.Tracing.DISABLED,
      // Statements stand in the role itself; CDK adds none.
      role: role.withoutPolicyUpdates(),
      logGroup,
      environment: { ...joined.environment, ...wiring.environment },
      ...joined.props,
      ...(wiring.isInLoop === true ? { recursiveLoop: lambda.RecursiveLoop.ALLOW } : {}),
      ...(isPerTenant === true ? { tenancyConfig: lambda.TenancyConfig.PER_TENANT } : {}),
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
    });
  }
}

function createRole(scope: Construct, id: string, statements: iam.PolicyStatement[]): iam.Role {
  return new iam.Role(scope, id, {
    assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com"),
    inlinePolicies: { Work: new iam.PolicyDocument({ statements }) },
  });
}

/** The group exists already: its function may write to it and can make no other. */
function writeLogs(logGroup: logs.ILogGroup): iam.PolicyStatement[] {
  return [new iam.PolicyStatement({ actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [logGroup.logGroupArn] })];
}

/** X-Ray knows no resources. */
function trace(): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] });
}

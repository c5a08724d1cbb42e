import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { allowIdentity } from "../../shared/auth/allow-identity.ts";
import { createAuthenticate } from "../../shared/auth/authenticate.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";

const authenticate = createAuthenticate(lookupTable);

/** Outside the VPC, with DynamoDB alone. API Gateway answers 401 to exactly this error, and 500 to any other. */
export async function handler(event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> {
  const header = Object.entries(event.headers ?? {}).find(([name]) => name.toLowerCase() === "authorization");
  const identity = await authenticate(header?.[1], new Date());
  if (identity === undefined) throw new Error("Unauthorized");
  return allowIdentity(identity, event.methodArn);
}

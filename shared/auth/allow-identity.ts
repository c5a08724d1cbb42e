import type { APIGatewayAuthorizerResult } from "aws-lambda";
import type { Identity } from "../platform/api/route.ts";

/**
 * The authorizer's answer for somebody it knows. It allows the whole stage, because API Gateway caches it for every route; what an
 * identity may do is checked where its scopes are known to matter, in the handler.
 * @param methodArn `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>`
 */
export function allowIdentity(identity: Identity, methodArn: string): APIGatewayAuthorizerResult {
  const stage = methodArn.split("/", 2).join("/");
  return {
    principalId: identity.userId,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: `${stage}/*` }],
    },
    context: {
      workspace_id: identity.workspaceId,
      user_id: identity.userId,
      scopes: identity.scopes.join(" "),
      ...(identity.sessionId === undefined ? {} : { session_id: identity.sessionId }),
    },
  };
}

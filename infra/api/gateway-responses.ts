import { describeGatewayProblems, type GatewayProblem } from "../../shared/platform/api/gateway-problems.ts";

/** API Gateway's own answers, each as the problem+json that a function would give. */
export function describeGatewayResponses(): Record<string, object> {
  return Object.fromEntries(Object.entries(describeGatewayProblems()).map(([name, problem]) => [name, describeResponse(problem)]));
}

function describeResponse({ status, headers, body }: GatewayProblem): object {
  const fixed = Object.entries(headers).map(([name, value]): [string, string] => [`gatewayresponse.header.${name}`, `'${value}'`]);
  return {
    statusCode: status,
    responseParameters: { ...Object.fromEntries(fixed), "gatewayresponse.header.x-request-id": "context.requestId" },
    // Chosen by what a request accepts; this one is also chosen when none fits.
    responseTemplates: { "application/json": body },
  };
}

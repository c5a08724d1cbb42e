import type { Draft } from "./draft.ts";
import { inside } from "./draft.ts";
import type { Mutation } from "./mutation.ts";

const api = (draft: Draft, ...keys: readonly string[]) => inside(draft.one("AWS::ApiGateway::RestApi"), "Body", ...keys);
const integration = (draft: Draft, path: string, method: string) => api(draft, "paths", path, method, "x-amazon-apigateway-integration");
const authorizer = (draft: Draft) => api(draft, "components", "securitySchemes", "bearer", "x-amazon-apigateway-authorizer");
const distribution = (draft: Draft, ...keys: readonly string[]) =>
  inside(draft.one("AWS::CloudFront::Distribution"), "DistributionConfig", ...keys);

const EVENTS = "/v1/runs/{run_id}/events";

export const apiMutations: readonly Mutation[] = [
  {
    rule: "routes",
    mistake: "a route is forgotten",
    make: (draft) => {
      delete api(draft, "paths")["/v1/tasks"];
    },
  },
  {
    rule: "routes",
    mistake: "a route is open to whoever comes",
    make: (draft) => {
      delete api(draft, "paths", "/v1/tasks", "post")["security"];
    },
  },
  {
    rule: "routes",
    mistake: "a route is answered by another function",
    make: (draft) => {
      integration(draft, "/v1/tasks", "post")["uri"] = integration(draft, "/v1/memories", "post")["uri"];
    },
  },
  {
    rule: "routes",
    mistake: "a stream is buffered",
    make: (draft) => {
      delete integration(draft, EVENTS, "get")["responseTransferMode"];
    },
  },
  {
    rule: "routes",
    mistake: "a stream is invoked by the address of buffered answers",
    make: (draft) => {
      const given = integration(draft, EVENTS, "get");
      given["uri"] = JSON.parse(
        JSON.stringify(given["uri"]).replace("2021-11-15", "2015-03-31").replace("response-streaming-invocations", "invocations"),
      );
    },
  },
  {
    rule: "routes",
    mistake: "a path has a method that nobody declared",
    make: (draft) => {
      api(draft, "paths", "/v1/tasks")["delete"] = api(draft, "paths", "/v1/tasks", "post");
    },
  },
  ...(
    [
      ["identitySource", "method.request.header.Authorization, method.request.header.X-Api-Key", "asked only when two headers are there"],
      ["authorizerResultTtlInSeconds", 3_600, "believed for an hour after a key is revoked"],
      ["type", "token", "given the token without its request"],
    ] as const
  ).map(
    ([name, value, mistake]): Mutation => ({
      rule: "authorizer",
      mistake: `the authorizer is ${mistake}`,
      make: (draft) => {
        authorizer(draft)[name] = value;
      },
    }),
  ),
  {
    rule: "authorizer",
    mistake: "another function answers in the authorizer's place",
    make: (draft) => {
      authorizer(draft)["authorizerUri"] = integration(draft, "/v1/tasks", "post")["uri"];
    },
  },
  {
    rule: "authorizer",
    mistake: "anybody may invoke the authorizer",
    make: (draft) => {
      draft.one("AWS::Lambda::Permission", "GatewayAuthorizer").Properties["Principal"] = "*";
    },
  },
  {
    rule: "gateway-answers",
    mistake: "API Gateway says in its own words that it knows nobody",
    make: (draft) => {
      delete api(draft, "x-amazon-apigateway-gateway-responses")["UNAUTHORIZED"];
    },
  },
  {
    rule: "gateway-answers",
    mistake: "an answer of API Gateway is not marked as a problem",
    make: (draft) => {
      api(draft, "x-amazon-apigateway-gateway-responses", "THROTTLED", "responseParameters")["gatewayresponse.header.content-type"] =
        "'application/json'";
    },
  },
  {
    rule: "gateway-answers",
    mistake: "an answer of API Gateway is no problem",
    make: (draft) => {
      api(draft, "x-amazon-apigateway-gateway-responses", "DEFAULT_5XX")["responseTemplates"] = {
        "application/json": '{"message":$context.error.messageString}',
      };
    },
  },
  {
    rule: "gateway-answers",
    mistake: "an answer of API Gateway says another status than it has",
    make: (draft) => {
      api(draft, "x-amazon-apigateway-gateway-responses", "DEFAULT_5XX")["statusCode"] = 200;
    },
  },
  {
    rule: "front-door",
    mistake: "the API is answered over plain HTTP",
    make: (draft) => {
      distribution(draft, "CacheBehaviors", "0")["ViewerProtocolPolicy"] = "allow-all";
    },
  },
  {
    rule: "front-door",
    mistake: "answers are kept for others",
    make: (draft) => {
      distribution(draft, "CacheBehaviors", "0")["CachePolicyId"] = "658327ea-f89d-4fab-a63d-7e88639e58f6";
    },
  },
  {
    rule: "front-door",
    mistake: "pages come without a policy of what they may load",
    make: (draft) => {
      delete distribution(draft, "DefaultCacheBehavior")["ResponseHeadersPolicyId"];
    },
  },
  {
    rule: "front-door",
    mistake: "a quiet stream is cut off",
    make: (draft) => {
      const origins = distribution(draft, "Origins") as unknown as Record<string, unknown>[];
      for (const origin of origins) {
        if (origin["CustomOriginConfig"] !== undefined) inside({ Properties: origin }, "CustomOriginConfig")["OriginReadTimeout"] = 10;
      }
    },
  },
  {
    rule: "front-door",
    mistake: "files are read as everybody could",
    make: (draft) => {
      for (const origin of distribution(draft, "Origins") as unknown as Record<string, unknown>[]) delete origin["OriginAccessControlId"];
    },
  },
  {
    rule: "front-door",
    mistake: "health is looked for among the files",
    make: (draft) => {
      (distribution(draft, "CacheBehaviors") as unknown as unknown[]).splice(1, 1);
    },
  },
  { rule: "front-door", mistake: "the firewall stands before nothing", make: (draft) => draft.remove("AWS::WAFv2::WebACLAssociation") },
  {
    rule: "front-door",
    mistake: "a firewall is paid for that the stage does not have",
    stage: "dev",
    make: (draft) => draft.add("edge", "Firewall", { Type: "AWS::WAFv2::WebACL", Properties: {} }),
  },
  {
    rule: "front-door",
    mistake: "the firewall bounds nobody",
    make: (draft) => {
      draft.one("AWS::WAFv2::WebACL").Properties["Rules"] = [];
    },
  },
];

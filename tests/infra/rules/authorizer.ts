import { LIMITS } from "../../../local/aws/limits.ts";
import { apiDocument, findApi } from "../template/api.ts";
import { findDeployed } from "../template/deployed-functions.ts";
import { findTarget, isRecord } from "../template/resolve.ts";
import { listResources, property } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** One source of identity, an answer that is kept for a minute at most, and a function that nobody else can invoke. */
export const authorizer: Rule = ({ assembly }) => {
  const schemes = apiDocument(assembly, "components", "securitySchemes");
  const api = findApi(assembly);
  const [name = "", scheme] = Object.entries(isRecord(schemes) ? schemes : {})[0] ?? [];
  const settings = property({ properties: { scheme } }, "scheme", "x-amazon-apigateway-authorizer");
  const given = isRecord(settings) ? settings : {};
  const entry = findDeployed(assembly, "gateway/authorizer");
  const seconds = Number(given["authorizerResultTtlInSeconds"] ?? 300);
  const invokers = listResources(assembly, "AWS::Lambda::Permission").filter(
    ({ text, properties }) => findTarget(text(properties["FunctionName"])) === entry?.path,
  );
  return [
    ...saying(
      [!isRecord(schemes) || Object.keys(schemes).length !== 1, "The API has not one way to sign in."],
      [given["type"] !== "request", `The authorizer ${name} does not see the request.`],
      [
        given["identitySource"] !== "method.request.header.Authorization",
        `${name} is asked by ${String(given["identitySource"])}, not by Authorization alone.`,
      ],
      [
        seconds > LIMITS.gatewayAuthorizerCacheSeconds,
        `What ${name} answers counts for ${seconds} s: a revoked key would be let in for so long.`,
      ],
      [
        api !== undefined &&
          findTarget(api.text(given["authorizerUri"]).replace("{AWS::Partition}", "").replace("{AWS::Region}", "")) !== entry?.path,
        `${name} is not answered by gateway/authorizer.`,
      ],
      [invokers.length !== 1, `gateway/authorizer can be invoked by ${invokers.length} others, not by API Gateway alone.`],
    ),
    ...invokers.flatMap(({ path, text, properties }) =>
      saying(
        [properties["Principal"] !== "apigateway.amazonaws.com", `${path} lets ${text(properties["Principal"])} invoke the authorizer.`],
        [!text(properties["SourceArn"]).includes("/authorizers/"), `${path} lets methods invoke the authorizer as if it were a route.`],
      ),
    ),
  ];
};

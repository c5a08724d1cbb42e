import type { FunctionEntry } from "../../../functions/function-table.ts";
import type { Assembly } from "./assembly.ts";
import { functionAt } from "./deployed-functions.ts";
import { isRecord } from "./resolve.ts";
import { type Located, listOf, listResources, property } from "./resources.ts";

/** A method of the REST API that a function answers. */
export type ApiMethod = {
  readonly method: string;
  readonly path: string;
  readonly entry: FunctionEntry | undefined;
  readonly uri: string;
  readonly isStream: boolean;
  readonly isAuthorized: boolean;
  readonly timeoutMilliseconds: number;
};

export function findApi(assembly: Assembly): Located | undefined {
  return listResources(assembly, "AWS::ApiGateway::RestApi")[0];
}

/** What the API's OpenAPI document says at some keys. */
export function apiDocument(assembly: Assembly, ...keys: readonly string[]): unknown {
  const api = findApi(assembly);
  return api === undefined ? undefined : property(api, "Body", ...keys);
}

/** Methods that go to a function; answers that API Gateway makes by itself are left out. */
export function listApiMethods(assembly: Assembly): readonly ApiMethod[] {
  const api = findApi(assembly);
  const paths = apiDocument(assembly, "paths");
  if (api === undefined || !isRecord(paths)) return [];
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(isRecord(item) ? item : {}).flatMap(([method, operation]) => {
      const integration = property({ properties: { operation } }, "operation", "x-amazon-apigateway-integration");
      if (!isRecord(integration) || integration["type"] !== "aws_proxy") return [];
      const uri = api.text(integration["uri"]);
      const security = property({ properties: { operation } }, "operation", "security");
      return [
        {
          method: method.toUpperCase(),
          path,
          entry: functionAt(assembly, uri.replace("{AWS::Partition}", "aws").replace("{AWS::Region}", "region"))?.entry,
          uri,
          isStream: integration["responseTransferMode"] === "STREAM",
          isAuthorized: listOf(security).length > 0,
          timeoutMilliseconds: Number(integration["timeoutInMillis"] ?? 29_000),
        },
      ];
    }),
  );
}

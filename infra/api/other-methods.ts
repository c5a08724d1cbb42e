import { describeGatewayProblem } from "../../shared/platform/api/gateway-problems.ts";

type Mock = Readonly<Record<string, unknown>>;
type OtherMethods = { readonly options: Mock; readonly "x-amazon-apigateway-any-method": Mock };

/** What a path answers to methods that no route has, without a function: which ones there are. */
export function describeOtherMethods(methods: readonly string[]): OtherMethods {
  const allow = methods.join(", ");
  const { status, headers, body } = describeGatewayProblem("method-not-allowed", `Use ${allow}`);
  return {
    options: describeMock(204, { allow }, ""),
    "x-amazon-apigateway-any-method": describeMock(status, { ...headers, allow }, body),
  };
}

function describeMock(status: number, headers: Readonly<Record<string, string>>, body: string): Mock {
  const names = [...Object.keys(headers), "x-request-id"];
  const values = [...Object.values(headers).map((value) => `'${value}'`), "context.requestId"];
  return {
    responses: {
      [status]: {
        description: body === "" ? "The methods of the path" : "A method that the path has not",
        headers: Object.fromEntries(names.map((name) => [name, { schema: { type: "string" } }])),
      },
    },
    "x-amazon-apigateway-integration": {
      type: "mock",
      requestTemplates: { "application/json": `{"statusCode": ${status}}` },
      passthroughBehavior: "never",
      // The API takes bodies as bytes, and a template needs text.
      contentHandling: "CONVERT_TO_TEXT",
      responses: {
        default: {
          statusCode: String(status),
          responseParameters: Object.fromEntries(names.map((name, index) => [`method.response.header.${name}`, values[index]])),
          responseTemplates: { "application/json": body },
        },
      },
    },
  };
}

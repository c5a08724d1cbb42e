import * as z from "zod";
import { Problem } from "../../../shared/platform/api/problem.ts";
import { apiDocument } from "../template/api.ts";
import { isRecord } from "../template/resolve.ts";
import { type Rule, saying } from "./rule.ts";

const Answer = z.object({
  statusCode: z.coerce.number(),
  responseParameters: z.record(z.string(), z.string()),
  responseTemplates: z.record(z.string(), z.string()),
});

/** What everybody meets before a function does: no route, no credentials, too many requests, a function that broke. */
const wanted = [
  "DEFAULT_4XX",
  "DEFAULT_5XX",
  "UNAUTHORIZED",
  "ACCESS_DENIED",
  "MISSING_AUTHENTICATION_TOKEN",
  "THROTTLED",
  "REQUEST_TOO_LARGE",
];

/** What API Gateway says by itself is a problem like those of functions. */
export const gatewayAnswers: Rule = ({ assembly }) => {
  const document = apiDocument(assembly, "x-amazon-apigateway-gateway-responses");
  const answers = isRecord(document) ? document : {};
  return [
    ...wanted.filter((name) => answers[name] === undefined).map((name) => `API Gateway answers ${name} in its own words.`),
    ...Object.entries(answers).flatMap(([name, given]) => {
      const { statusCode, responseParameters, responseTemplates } = Answer.parse(given);
      const body = Problem.safeParse(parseTemplate(Object.values(responseTemplates)[0] ?? ""));
      return saying(
        [
          responseParameters["gatewayresponse.header.content-type"] !== "'application/problem+json'",
          `API Gateway's ${name} is not marked as a problem.`,
        ],
        [!body.success, `API Gateway's ${name} is no problem as functions give it.`],
        [body.success && body.data.status !== statusCode, `API Gateway's ${name} says another status than it has.`],
      );
    }),
  ];
};

function parseTemplate(text: string): unknown {
  try {
    // What API Gateway fills in stands inside of texts.
    return JSON.parse(text.replaceAll("$context.requestId", "request"));
  } catch {
    return undefined;
  }
}

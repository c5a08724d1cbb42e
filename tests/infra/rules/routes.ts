import { routeTable } from "../../../functions/route-table.ts";
import { listApiMethods } from "../template/api.ts";
import { compareLists, type Rule } from "./rule.ts";

const describe = (method: string, path: string, entry: string, isAuthorized: boolean, isStream: boolean) =>
  `${method} ${path} by ${entry}${isAuthorized ? ", signed in" : ""}${isStream ? ", streamed" : ""}`;

/**
 * The API's methods are the routes of the table: with their functions, behind the authorizer where a route says so, streamed (and by the
 * address for streams) where a route says so. Each GET that does not stream has a HEAD.
 */
export const routes: Rule = ({ assembly }) => {
  const wanted = routeTable.flatMap(({ route, entry }) => {
    const methods = route.method === "GET" && route.stream !== true ? ["GET", "HEAD"] : [route.method];
    return methods.map((method) => describe(method, route.path, entry, route.auth === "user", route.stream === true));
  });
  const methods = listApiMethods(assembly);
  return [
    ...compareLists(
      methods.map(({ method, path, entry, isAuthorized, isStream }) => describe(method, path, entry ?? "nobody", isAuthorized, isStream)),
      wanted,
      {
        missing: (route) => `API Gateway does not answer ${route}.`,
        extra: (route) => `API Gateway answers ${route}, which functions/route-table.ts does not say.`,
      },
    ),
    ...methods
      .filter(({ uri, isStream }) => isStream !== uri.endsWith("/response-streaming-invocations"))
      .map(({ method, path }) => `${method} ${path} is invoked by the address of the other kind of answer.`),
  ];
};

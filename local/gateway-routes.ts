import { routeTable } from "../functions/route-table.ts";
import type { GatewayRoute } from "./aws/api-gateway/gateway-route.ts";

/** Every route of the product as API Gateway is told of it. */
export function gatewayRoutes(): GatewayRoute[] {
  return routeTable.map(({ route, entry }) => ({
    method: route.method,
    path: route.path,
    authorized: route.auth === "user",
    stream: route.stream === true,
    functionName: entry,
  }));
}

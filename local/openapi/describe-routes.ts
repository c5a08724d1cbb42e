import { routeTable } from "../../functions/route-table.ts";
import type { JsonObject } from "../../shared/platform/json.ts";
import { version } from "../../shared/platform/version.ts";
import { describeApi } from "./describe-api.ts";

/** The OpenAPI document of every route: what /v1/openapi.json answers and docs/openapi.json keeps. */
export function describeRoutes(): JsonObject {
  return describeApi(
    routeTable.map(({ route }) => route),
    {
      title: "CognitionOS",
      version,
      description: "Post a goal; agents plan it, carry it out, review and summarise it, within a budget and with every step on record.",
    },
  );
}

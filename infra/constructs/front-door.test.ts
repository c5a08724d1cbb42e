import { expect, it } from "vitest";
import { routeTable } from "../../functions/route-table.ts";
import { API_PATHS } from "./front-door.ts";

it("leads every route of the API to the API and the dashboard's own paths to the dashboard", () => {
  const leadsToApi = (path: string) => API_PATHS.some((pattern) => new RegExp(`^${pattern.replace("*", ".*")}$`).test(path));

  expect(routeTable.map(({ route }) => route.path).filter((path) => !leadsToApi(path))).toEqual([]);
  expect(["/", "/index.html", "/runs/42", "/v1", "/healthy", "/assets/v1/a.js"].filter(leadsToApi)).toEqual([]);
});

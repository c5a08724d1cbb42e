import { expect, test } from "vitest";
import { databaseRegions } from "../../infra/config/database-regions.ts";
import { authoritiesByRegion } from "../../local/build/lay-beside.ts";

test("a stage may be in the regions whose certificates lie beside the functions, and in no other", async () => {
  expect(databaseRegions.toSorted()).toEqual(Object.keys(await authoritiesByRegion()).toSorted());
});

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { embeddedOnly } from "./embedded-only.ts";

test("every other file of the e2e suite starts its server in the world that it is told", () => {
  const files = readdirSync("tests/e2e").flatMap((name) => (name.endsWith(".test.ts") ? [`tests/e2e/${name}`] : []));
  const without = files.filter((file) => !readFileSync(file, "utf8").includes('from "./start-server.ts"'));

  expect(without.toSorted()).toEqual(embeddedOnly.toSorted());
});

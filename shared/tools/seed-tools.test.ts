import { expect, test } from "vitest";
import { workingTools } from "./registry.ts";
import { seedTools } from "./seed-tools.ts";

const SEED = ["execute_javascript", "execute_python", "http_request", "read_file", "search_web", "sql_query", "write_file"];

test("the table of tools begins with seven, and only working ones are enabled", () => {
  expect(seedTools.map((tool) => tool.name).toSorted()).toEqual(SEED);
  const enabled = seedTools.filter((tool) => tool.is_enabled).map((tool) => tool.name);
  expect(enabled).toEqual(workingTools.map((tool) => tool.name));
  expect(enabled.toSorted()).toEqual(["execute_javascript", "read_file", "write_file"]);
});

import { describe, expect, it } from "vitest";
import { getTool, workingTools } from "./registry.ts";
import { workingToolNames } from "./safety.ts";

describe("the tools", () => {
  it("are those that agents are told the names of", () => {
    expect(workingTools.map((tool) => tool.name)).toEqual(workingToolNames);
  });

  it("may all be repeated after a lost lease", () => {
    expect(workingTools.map((tool) => tool.safety)).toEqual(["repeatable", "repeatable", "repeatable"]);
  });

  it("are found by name, and one that cannot be carried out is not found", () => {
    expect(getTool("read_file")?.type).toBe("file");
    for (const name of ["http_request", "no_such_tool", "constructor", "__proto__", ""]) expect(getTool(name)).toBeUndefined();
  });
});

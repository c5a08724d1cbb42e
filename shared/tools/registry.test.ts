import { describe, expect, it } from "vitest";
import { getTool, toolParametersSchema, workingTools } from "./registry.ts";

describe("the tools", () => {
  it("may all be repeated after a lost lease", () => {
    expect(workingTools.map((tool) => tool.safety)).toEqual(["repeatable", "repeatable", "repeatable"]);
  });

  it("are found by name, and one that cannot be carried out is not found", () => {
    expect(getTool("read_file")?.type).toBe("file");
    for (const name of ["http_request", "no_such_tool", "constructor", "__proto__", ""]) expect(getTool(name)).toBeUndefined();
  });

  it("describe their arguments as closed objects, without the name of the dialect", () => {
    for (const tool of workingTools) {
      const schema = toolParametersSchema(tool);
      expect(schema).toMatchObject({ type: "object", additionalProperties: false });
      expect(schema).not.toHaveProperty("$schema");
    }
  });

  it("say in the schema which arguments are required", () => {
    const required = Object.fromEntries(workingTools.map((tool) => [tool.name, toolParametersSchema(tool)["required"]]));
    expect(required).toEqual({ execute_javascript: ["code"], read_file: ["path"], write_file: ["path", "content"] });
  });
});

import { describe, expect, it } from "vitest";
import { getTool, seedTools, toolParametersSchema, workingTools } from "./registry.ts";

const SEED = ["execute_javascript", "execute_python", "http_request", "read_file", "search_web", "sql_query", "write_file"];

describe("the tools", () => {
  it("are the seven of the seed in the table, and only working ones are enabled", () => {
    expect(seedTools.map((tool) => tool.name).toSorted()).toEqual(SEED);
    const enabled = seedTools.filter((tool) => tool.is_enabled).map((tool) => tool.name);
    expect(enabled).toEqual(workingTools.map((tool) => tool.name));
    expect(enabled.toSorted()).toEqual(["execute_javascript", "read_file", "write_file"]);
  });

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

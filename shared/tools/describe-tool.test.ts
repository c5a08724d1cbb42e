import { expect, test } from "vitest";
import * as z from "zod";
import { describeParameters, describeTool } from "./describe-tool.ts";
import { namedTools } from "./named-tools.ts";
import { proposeSubtasks, workingTools } from "./registry.ts";

// Written with `npx vitest run shared/tools --update`.
test("every tool's arguments are described as its schema has them", async () => {
  const described = [...workingTools, proposeSubtasks, ...namedTools].map((tool) => {
    const { $schema: _dialect, ...schema } = z.toJSONSchema(tool.parameters, { io: "input" });
    return [tool.name, schema];
  });
  await expect(`${JSON.stringify(Object.fromEntries(described), null, 2)}\n`).toMatchFileSnapshot("parameters.schema.json");
});

test("a model is told which arguments a working tool must get and that there are no others, of how to divide its task, and of no other tool", () => {
  const required = workingTools.map(({ name }) => [name, describeTool(name)?.parameters["required"]]);
  expect(Object.fromEntries(required)).toEqual({ execute_javascript: ["code"], read_file: ["path"], write_file: ["path", "content"] });
  for (const { name } of workingTools) expect(describeParameters(name)).toMatchObject({ type: "object", additionalProperties: false });
  expect(describeTool("propose_subtasks")?.parameters["required"]).toEqual(["subtasks"]);
  for (const name of ["http_request", "no_such_tool", "__proto__"]) expect(describeTool(name)).toBeUndefined();
});

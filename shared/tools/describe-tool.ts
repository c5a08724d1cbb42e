import { JsonObject } from "../platform/json.ts";
import schemasFile from "./parameters.schema.json" with { type: "json" };
import { getTool, proposeSubtasks } from "./registry.ts";

/** By name; written from the tools' own schemas long before: no function has to work them out when it starts. */
const schemas: Readonly<Record<string, unknown>> = schemasFile;

/** A tool that may be called, as a model is told of it; undefined when there is none of this name. */
export function describeTool(name: string): { name: string; description: string; parameters: JsonObject } | undefined {
  const tool = name === proposeSubtasks.name ? proposeSubtasks : getTool(name);
  return tool === undefined ? undefined : { name, description: tool.description, parameters: describeParameters(name) };
}

/** The arguments of a tool as JSON Schema 2020-12, as a model and the table of tools get it. */
export function describeParameters(name: string): JsonObject {
  return JsonObject.parse(schemas[name]);
}

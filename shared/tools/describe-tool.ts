import type { JsonObject } from "../platform/json.ts";
import { getTool, toolParametersSchema } from "./registry.ts";

/** A working tool as a model is told of it; undefined when there is none of this name. */
export function describeTool(name: string): { name: string; description: string; parameters: JsonObject } | undefined {
  const tool = getTool(name);
  return tool === undefined ? undefined : { name, description: tool.description, parameters: toolParametersSchema(tool) };
}

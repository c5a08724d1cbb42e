import { AppError } from "../../platform/errors.ts";
import type { JsonObject } from "../../platform/json.ts";

/** A tool as a model is told of it; `parameters` is the JSON schema of its arguments. */
export type OfferedTool = { readonly name: string; readonly description: string; readonly parameters: JsonObject };

/** Handed in by whoever knows the tools: a language model's concern does not. */
export type FindTool = (name: string) => OfferedTool | undefined;

/** The tools of a call. Throws `invalid-request` for a name that no tool has. */
export function getOfferedTools(names: readonly string[], findTool: FindTool): OfferedTool[] {
  return names.map((name) => {
    const tool = findTool(name);
    if (tool === undefined) throw new AppError("invalid-request", `There is no tool named ${name}`);
    return tool;
  });
}

import type { JsonObject } from "../platform/json.ts";
import type { ToolSpec } from "./contract.ts";
import { describeParameters } from "./describe-tool.ts";
import { namedTools } from "./named-tools.ts";
import { workingTools } from "./registry.ts";

export type SeedTool = Pick<ToolSpec, "name" | "type" | "description" | "timeout_seconds"> & {
  parameters: JsonObject;
  is_enabled: boolean;
};

/** The seven rows of the table `tools`. */
export const seedTools: readonly SeedTool[] = [...workingTools, ...namedTools].map((spec: ToolSpec) => ({
  name: spec.name,
  type: spec.type,
  description: spec.description,
  parameters: describeParameters(spec.name),
  is_enabled: !namedTools.includes(spec),
  timeout_seconds: spec.timeout_seconds,
}));

import { type Binding, bindRoute } from "../platform/api/bind-route.ts";
import { listTools } from "./contract.ts";
import { toolParametersSchema, workingTools } from "./registry.ts";

export function bindTools(): Binding[] {
  const tools = workingTools.map((tool) => ({ ...tool, parameters: toolParametersSchema(tool) }));
  return [bindRoute(listTools, async () => ({ body: { tools } }))];
}

import { type Binding, bindRoute } from "../platform/api/bind-route.ts";
import { listTools } from "./contract.ts";
import { describeParameters } from "./describe-tool.ts";
import { workingTools } from "./registry.ts";

export function bindTools(): Binding[] {
  return [
    bindRoute(listTools, async () => ({
      body: { tools: workingTools.map((tool) => ({ ...tool, parameters: describeParameters(tool.name) })) },
    })),
  ];
}

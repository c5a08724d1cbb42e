import * as z from "zod";
import type { JsonValue } from "../../../platform/json.ts";
import type { PlanContract } from "./plan-contract.ts";

/** What of a tool's call the contract of its run does not name. */
export const Outside = z.object({ tool: z.exactOptional(z.string()), file: z.exactOptional(z.string()) });
export type Outside = z.infer<typeof Outside>;

/** Undefined when all of it is named, and for a run that has no contract. No tool reaches a host yet. */
export function findOutside(contract: PlanContract | null, request: JsonValue): Outside | undefined {
  if (contract === null) return undefined;
  const tool = memberOf(request, "tool");
  const file = memberOf(memberOf(request, "arguments"), "path");
  const outside: Outside = {
    ...(typeof tool === "string" && !contract.tools.includes(tool) ? { tool } : {}),
    ...(typeof file === "string" && !contract.files.includes(file) ? { file } : {}),
  };
  return outside.tool === undefined && outside.file === undefined ? undefined : outside;
}

/** The contract with what a person has let in besides: it is not asked for again. */
export function amendContract(contract: PlanContract, { tool, file }: Outside): PlanContract {
  return {
    ...contract,
    tools: tool === undefined || contract.tools.includes(tool) ? contract.tools : [...contract.tools, tool],
    files: file === undefined || contract.files.includes(file) ? contract.files : [...contract.files, file],
  };
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value[name] : undefined;
}

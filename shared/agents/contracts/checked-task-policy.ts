import { findSchemaFaults, type SchemaFault } from "../../platform/json-schema/check-json.ts";
import { parsePattern } from "../../platform/pattern/match-pattern.ts";
import { TaskPolicy } from "./task-policy.ts";

/** What is wrong with the schemas and patterns of a policy that has the right form: each could not be checked by. */
export function findPolicyFaults({ acceptance = [] }: TaskPolicy): SchemaFault[] {
  return acceptance.flatMap((check, index): SchemaFault[] => {
    const place = ["acceptance", index];
    if (check.kind === "json_schema") {
      return findSchemaFaults(check.schema).map(({ path, message }) => ({ path: [...place, "schema", ...path], message }));
    }
    const parsed = check.kind === "regex" ? parsePattern(check.pattern) : undefined;
    return parsed?.ok === false ? [{ path: [...place, "pattern"], message: parsed.fault }] : [];
  });
}

/** A policy from outside. */
export const CheckedTaskPolicy = TaskPolicy.superRefine((policy, context) => {
  for (const { path, message } of findPolicyFaults(policy)) context.addIssue({ code: "custom", path, message });
});

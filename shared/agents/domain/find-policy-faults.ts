import { findSchemaFaults, type SchemaFault } from "../../platform/json-schema/check-json.ts";
import { parsePattern } from "../../platform/pattern/match-pattern.ts";
import type { TaskPolicy } from "../contracts/task-policy.ts";

/** What is wrong with the checks of a policy that has the right form: nothing could be checked by them. */
export function findPolicyFaults({ acceptance = [] }: TaskPolicy): SchemaFault[] {
  return acceptance.flatMap((check, index): SchemaFault[] => {
    const place = ["acceptance", index];
    if (check.kind === "json_schema") {
      return findSchemaFaults(check.schema).map(({ path, message }) => ({ path: [...place, "schema", ...path], message }));
    }
    if (check.kind === "comparison" && /^(?:less|greater)_/.test(check.operator)) {
      const isOrdered = typeof check.value === "number" || typeof check.value === "string";
      return isOrdered ? [] : [{ path: [...place, "value"], message: `${check.operator} compares with a number or a text` }];
    }
    const parsed = check.kind === "regex" ? parsePattern(check.pattern) : undefined;
    return parsed?.ok === false ? [{ path: [...place, "pattern"], message: parsed.fault }] : [];
  });
}

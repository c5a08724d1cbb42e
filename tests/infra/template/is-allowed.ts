import type { FunctionEntry } from "../../../functions/function-table.ts";
import type { Assembly } from "./assembly.ts";
import { findDeployed, listDeployed } from "./deployed-functions.ts";
import { namedBy } from "./named-resources.ts";
import { findTarget } from "./resolve.ts";
import { listRoleStatements } from "./statements.ts";

/**
 * Whether the role that a function has in the templates lets it do something, such as `sqs:SendMessage`, to what a variable of any function
 * names, such as `CONTROL_QUEUE_URL`. For whoever answers the calls of deployed bundles in AWS's place: a call that the role does not allow
 * must fail there as it would on AWS.
 */
export function isAllowed(assembly: Assembly, entry: FunctionEntry, action: string, variable: string): boolean {
  const deployed = listDeployed(assembly);
  const target = deployed.map(({ environment }) => namedBy(variable, environment[variable] ?? "")).find((path) => path !== undefined);
  if (target === undefined) return false;
  const statements = listRoleStatements(assembly, findDeployed(assembly, entry)?.role ?? "");
  const fitting = statements.filter(
    ({ actions, resources }) =>
      actions.includes(action) && resources.some((resource) => resource === "*" || findTarget(resource) === target),
  );
  return fitting.some(({ effect }) => effect === "Allow") && !fitting.some(({ effect }) => effect === "Deny");
}

import { ATTACH_INTERFACE, TRACE } from "../code/sdk-rights.ts";
import type { Assembly } from "../template/assembly.ts";
import { findTarget } from "../template/resolve.ts";
import { listOf, listResources } from "../template/resources.ts";
import { listRoleStatements } from "../template/statements.ts";
import { type Rule, saying } from "./rule.ts";

/** Actions that know no resource, by whoever may have them. */
const withoutResource = {
  "lambda.amazonaws.com": new Set([...TRACE, ...ATTACH_INTERFACE]),
  "states.amazonaws.com": new Set([
    ...TRACE,
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
  ]),
} as const;

/** One role for each function, without policies of AWS, without actions by wildcard, and without rights to everything. */
export const roles: Rule = ({ assembly }) => [
  ...findSharedRoles(assembly),
  ...listResources(assembly, "AWS::IAM::Role").flatMap((role) => {
    const known = new Set<string>(Object.entries(withoutResource).find(([service]) => trusts(role.properties).includes(service))?.[1]);
    const statements = listRoleStatements(assembly, role.path).filter(({ effect }) => effect === "Allow");
    return [
      ...saying([listOf(role.properties["ManagedPolicyArns"]).length > 0, `${role.path} has a policy that AWS manages, and may change.`]),
      ...statements.flatMap(({ actions, resources }) => [
        ...actions.filter((action) => action.includes("*")).map((action) => `${role.path} may do ${action}: name the actions.`),
        ...saying([actions.length === 0 || resources.length === 0, `${role.path} is allowed by exclusion: name actions and resources.`]),
        ...(resources.includes("*") ? actions.filter((action) => !known.has(action)) : []).map(
          (action) => `${role.path} may do ${action} to everything: name the resource.`,
        ),
      ]),
    ];
  }),
];

function trusts(properties: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(properties["AssumeRolePolicyDocument"]);
}

function findSharedRoles(assembly: Assembly): readonly string[] {
  const seen = new Map<string, string>();
  return listResources(assembly, "AWS::Lambda::Function").flatMap(({ path, properties, text }) => {
    const role = findTarget(text(properties["Role"])) ?? "";
    const other = seen.get(role);
    seen.set(role, path);
    return saying(
      [role === "", `${path} has a role that is none of ours.`],
      [other !== undefined, `${path} and ${other ?? ""} share a role: each would have what only the other needs.`],
    );
  });
}

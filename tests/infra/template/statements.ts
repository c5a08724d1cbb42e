import type { Assembly } from "./assembly.ts";
import { findTarget } from "./resolve.ts";
import { type Located, listOf, listResources, property, recordsOf } from "./resources.ts";

/** A statement of a policy, with its resources as texts. */
export type Statement = {
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  /** Empty where a statement says `NotAction` or `NotResource` instead. */
  readonly resources: readonly string[];
  readonly principals: readonly string[];
  readonly condition: unknown;
};

/** What stands in a policy document. */
export function readStatements({ text }: Pick<Located, "text">, document: unknown): readonly Statement[] {
  return recordsOf(property({ properties: { document } }, "document", "Statement")).map((statement) => ({
    effect: statement["Effect"] === "Deny" ? "Deny" : "Allow",
    actions: listOf(statement["Action"]).map(text),
    resources: listOf(statement["Resource"]).map(text),
    principals: readPrincipals(statement["Principal"]).map(text),
    condition: statement["Condition"],
  }));
}

function readPrincipals(principal: unknown): readonly unknown[] {
  if (typeof principal === "string") return [principal];
  return recordsOf(principal).flatMap((kinds) => Object.values(kinds).flatMap(listOf));
}

/** Everything that a role may and may not do: its own policies, and policies that name it. */
export function listRoleStatements(assembly: Assembly, role: string): readonly Statement[] {
  const own = listResources(assembly, "AWS::IAM::Role").filter(({ path }) => path === role);
  const attached = listResources(assembly, "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy").filter((policy) => {
    const roles = [...listOf(policy.properties["Roles"]), ...listOf(policy.properties["RoleName"])];
    return roles.some((name) => findTarget(policy.text(name)) === role);
  });
  return [
    ...own.flatMap((located) =>
      recordsOf(located.properties["Policies"]).flatMap((policy) => readStatements(located, policy["PolicyDocument"])),
    ),
    ...attached.flatMap((located) => readStatements(located, located.properties["PolicyDocument"])),
  ];
}

/** The policy documents that stand on a resource itself: `AWS::SQS::QueuePolicy` and the like, by what they name. */
export function listResourceStatements(assembly: Assembly, type: string, field: string, target: string): readonly Statement[] {
  return listResources(assembly, type)
    .filter((policy) => listOf(policy.properties[field]).some((name) => findTarget(policy.text(name)) === target))
    .flatMap((policy) => readStatements(policy, policy.properties["PolicyDocument"]));
}

import type { Assembly } from "./assembly.ts";
import { findTarget } from "./resolve.ts";
import { listOf, property } from "./resources.ts";
import { listRoleStatements, type Statement } from "./statements.ts";

/** A right in one text, so that what is needed and what is allowed can be compared: `s3:GetObject on data/Files/workspaces/*`. */
export function sayRight(action: string, resource: string, through?: string): string {
  return `${action} on ${resource}${through === undefined ? "" : ` through ${through}`}`;
}

/** `{data/Files.Arn}/workspaces/*` as `data/Files/workspaces/*`; a name that is no resource of ours from its account on. */
export function nameResource(resolved: string): string {
  const target = findTarget(resolved);
  if (target === undefined) return resolved.split("{AWS::AccountId}:").at(-1) ?? resolved;
  const [, below = ""] = /^.*?\{[^{}:/]+\/\w+[^{}]*\}(.*)$/.exec(resolved) ?? [];
  return `${target}${below}`;
}

/** What a role may do, a text for each action and resource. */
export function listRights(assembly: Assembly, role: string): readonly string[] {
  const allowed = listRoleStatements(assembly, role).filter(({ effect }) => effect === "Allow");
  return allowed.flatMap((statement) =>
    statement.actions.flatMap((action) =>
      statement.resources.flatMap((resource) =>
        readServices(statement).map((service) => sayRight(action, nameResource(resource), service)),
      ),
    ),
  );
}

/** The services through which alone a statement on a key counts; once undefined for a statement that says none. */
function readServices({ condition }: Statement): readonly (string | undefined)[] {
  const hosts = listOf(property({ properties: { condition } }, "condition", "StringEquals", "kms:ViaService"));
  return hosts.length === 0 ? [undefined] : hosts.map((host) => String(host).split(".", 1)[0]);
}

import { findDeployed, listDeployed } from "../template/deployed-functions.ts";
import { findTarget } from "../template/resolve.ts";
import { listOf, listResources } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** A deployment invokes the migrations and waits for them before it changes a function that works with the database. */
export const migrations: Rule = ({ assembly }) => {
  const migrate = findDeployed(assembly, "orchestrator/migrate");
  const versions = listResources(assembly, "AWS::Lambda::Version").filter(
    ({ text, properties }) => findTarget(text(properties["FunctionName"])) === migrate?.path,
  );
  const triggers = listResources(assembly, "Custom::Trigger").filter(({ text, properties }) =>
    versions.some(({ path }) => findTarget(text(properties["HandlerArn"])) === path),
  );
  const dependencies = new Map<string, readonly unknown[]>(
    assembly.stacks.flatMap(({ name, template }) =>
      Object.entries(template.Resources).map(([id, resource]) => [`${name}/${id}`, listOf(resource["DependsOn"])] as const),
    ),
  );
  return [
    ...saying(
      [triggers.length !== 1, `A deployment invokes the migrations ${triggers.length} times, not once.`],
      [triggers[0]?.properties["InvocationType"] !== "RequestResponse", "A deployment does not wait for its migrations."],
      [triggers[0]?.properties["ExecuteOnHandlerChange"] !== true, "New migrations would not be carried out."],
      [!(migrate?.environment["DATABASE_URL"] ?? "").includes("auth=secret"), "The migrations do not sign in as the owner."],
      [
        Number(triggers[0]?.properties["Timeout"] ?? 0) <= (migrate?.settings.timeoutSeconds ?? 0) * 1_000,
        "A deployment gives its migrations up while they run.",
      ],
    ),
    ...listDeployed(assembly)
      .filter(({ environment, entry }) => environment["DATABASE_URL"] !== undefined && entry !== "orchestrator/migrate")
      .flatMap(({ entry, path, environment }) =>
        saying(
          [dependencies.get(path)?.includes(triggers[0]?.id) !== true, `${entry} changes before the database does.`],
          [(environment["DATABASE_URL"] ?? "").includes("auth=secret"), `${entry} signs in as the owner of the database.`],
        ),
      ),
  ];
};

import { type Deployed, functionAt, listDeployed } from "../template/deployed-functions.ts";
import { listResources } from "../template/resources.ts";
import { listRoleStatements } from "../template/statements.ts";
import { compareLists, type Rule } from "./rule.ts";

/**
 * Lambda ends a chain of functions and queues after 16 hops. Exactly the functions of the chain, which are those that a queue
 * is handed to and those that they invoke, are allowed to go on.
 */
export const recursiveLoop: Rule = ({ assembly }) => {
  const deployed = listDeployed(assembly);
  const chain = new Set<Deployed>();
  for (const mapping of listResources(assembly, "AWS::Lambda::EventSourceMapping")) {
    const consumer = functionAt(assembly, mapping.text(mapping.properties["FunctionName"]));
    const found = deployed.find(({ path }) => path === consumer?.path);
    if (found !== undefined) chain.add(found);
  }
  // A set visits what is added while it is walked.
  for (const { role } of chain) {
    const invoked = listRoleStatements(assembly, role ?? "").filter(({ actions }) => actions.includes("lambda:InvokeFunction"));
    for (const target of invoked.flatMap(({ resources }) => resources)) {
      const found = deployed.find(({ path }) => path === functionAt(assembly, target)?.path);
      if (found !== undefined) chain.add(found);
    }
  }
  const allowed = deployed.filter(({ properties }) => properties["RecursiveLoop"] === "Allow");
  return compareLists(
    allowed.map(({ entry }) => entry),
    [...chain].map(({ entry }) => entry),
    {
      missing: (entry) =>
        `${entry} stands in the chain of effects and results without RecursiveLoop: Allow: Lambda would end a run after 16 hops.`,
      extra: (entry) => `${entry} may loop for ever, but stands in no chain: leave RecursiveLoop at its default.`,
    },
  );
};

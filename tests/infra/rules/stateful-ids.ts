import frozen from "../stateful-ids.json" with { type: "json" };
import { listResources } from "../template/resources.ts";
import { stateful } from "./deletion.ts";
import { compareLists, type Rule } from "./rule.ts";

/** Kinds whose loss is the loss of data, or of the network that it lies in. */
const kinds = [...Object.keys(stateful), "AWS::EC2::VPC", "AWS::ElastiCache::ServerlessCache", "AWS::RDS::DBInstance"];

/**
 * CloudFormation knows a resource by its logical id alone: one that is called otherwise is made anew, and the one before goes with all that is
 * in it. So the ids of what is kept stand in a list, and whoever changes one has to change it there.
 */
export const statefulIds: Rule = ({ assembly }) => {
  const wanted = Object.entries(frozen).flatMap(([stage, names]) => (stage === assembly.stage ? names : []));
  const given = listResources(assembly, ...kinds).map(({ id, stack, type }) => `${stack}/${id} ${type}`);
  return compareLists(given, wanted, {
    missing: (name) => `${name} is gone or renamed: a deployment would delete it with its data.`,
    extra: (name) => `${name} keeps data under an id that is not frozen: add it to tests/infra/stateful-ids.json.`,
  });
};

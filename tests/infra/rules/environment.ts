import { adapters } from "../code/adapters.ts";
import { listDeployed } from "../template/deployed-functions.ts";
import { compareLists, type Rule } from "./rule.ts";

/** Read by Node and by the SDK, never by our code. */
const readByOthers = ["AWS_USE_DUALSTACK_ENDPOINT", "NODE_OPTIONS"];
/** Set by Lambda itself. */
const setByLambda = ["LAMBDA_TASK_ROOT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
/** One of these does; the first stands on AWS, the second in the embedded run. */
const either: readonly (readonly [string, string])[] = [
  ["JWT_KEYS_SECRET", "JWT_PRIVATE_KEY"],
  ["OPENAI_KEY_SECRET", "OPENAI_API_KEY"],
];

/** Every variable that a function's code reads is set, unless it does without; and none is set that nothing reads. */
export const environment: Rule = ({ assembly, code }) =>
  listDeployed(assembly).flatMap(({ entry, environment: given }) => {
    const facts = code[entry];
    const loaded = adapters.filter(
      ({ file, variable, isAskedFor }) => facts.adapters[file] !== undefined && isAskedFor(given[variable] ?? ""),
    );
    const read = [...facts.variables, ...loaded.flatMap(({ file }) => facts.adapters[file]?.variables ?? [])];
    const set = Object.keys(given).filter((name) => !readByOthers.includes(name));
    const replaced = either.flatMap(([onAws, local]) => (set.includes(onAws) ? [local] : []));
    const wanted = read
      .filter(({ name, isOptional }) => set.includes(name) || (!isOptional && !replaced.includes(name) && !setByLambda.includes(name)))
      .map(({ name }) => name);
    return [
      ...compareLists(set, wanted, {
        missing: (name) => `${entry} reads ${name}, which its template does not set.`,
        extra: (name) => `${entry} is told ${name}, which nothing in its code reads.`,
      }),
      ...set.filter((name) => given[name] === "").map((name) => `${entry} is told ${name} without a value.`),
    ];
  });

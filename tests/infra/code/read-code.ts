import { type Reach, reachCode } from "./reach-code.ts";
import { argumentsOf, descendantsOf, isCall, isNode, memberName, type Node, nameOf, propertiesOf, rootName } from "./syntax-tree.ts";

/** What a function's code asks of the account and of its environment. */
export type CodeFacts = {
  /** SDK commands, and what stands for one: `GetItemCommand`, `paginateListObjectsV2`. */
  readonly commands: readonly string[];
  /** Variables of the environment that it reads; `isOptional` where it does without. */
  readonly variables: readonly { readonly name: string; readonly isOptional: boolean }[];
  /** Those of them whose value goes on to code that may run; the others are only checked. */
  readonly used: readonly string[];
  /** Members that its code takes from any object. */
  readonly members: ReadonlySet<string>;
};

/** The name of an SDK command, or of what sends one by itself. */
export const isCommand = (name: string) => /^[A-Z]\w*Command$|^(?:paginate|waitUntil)[A-Z]\w*$/.test(name);
const isVariable = (name: string) => /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(name);

/**
 * @param text one file with all of the function's own code, as `bundleOwnCode` gives it
 * @param takenElsewhere as in `reachCode`
 */
export function readCode(text: string, takenElsewhere: Iterable<string> = []): CodeFacts {
  const reach = reachCode(text, takenElsewhere);
  const mentioned = new Set([...reach.members, ...reach.nodes.flatMap((node) => (node.type === "Identifier" ? [nameOf(node) ?? ""] : []))]);
  const variables = new Map(
    listVariables(reach)
      .toSorted((a, b) => Number(b.isOptional) - Number(a.isOptional))
      .map((found) => [found.name, found]),
  );
  return {
    commands: [...mentioned].filter(isCommand).toSorted(),
    variables: [...variables.values()].toSorted((a, b) => a.name.localeCompare(b.name)),
    used: [...variables.keys()].filter((name) => isUsed(name, reach)).toSorted(),
    members: reach.members,
  };
}

type Variable = CodeFacts["variables"][number];

function listVariables(reach: Reach): readonly Variable[] {
  return reach.nodes.flatMap((node): readonly Variable[] => {
    const called = isCall(node) ? (nameOf(node["callee"]) ?? "") : "";
    if (/^readVariable\d*$/.test(called)) return [{ name: literalArgument(node), isOptional: false }];
    if (/^readEnv\d*$/.test(called)) return readSchema(argumentsOf(node)[0], reach);
    const name = memberName(node);
    const isRead = name !== undefined && isVariable(name) && isEnvironment(node["object"]);
    return isRead ? [{ name, isOptional: true }] : [];
  });
}

/** `process.env` itself, and the parameter that stands for it in `shared/platform/config/env.ts`. */
function isEnvironment(object: unknown): boolean {
  return isNode(object) && (memberName(object) === "env" || nameOf(object) === "source");
}

function literalArgument(call: Node): string {
  const name = nameOf(argumentsOf(call)[0]);
  if (name === undefined || !isVariable(name)) throw new Error("readVariable is called with a name that is not written there");
  return name;
}

/** The keys of a schema, which may be a name, `z.object({ … })`, or one `.extend`ed. */
function readSchema(schema: Node | undefined, reach: Reach): readonly Variable[] {
  const name = schema?.type === "Identifier" ? nameOf(schema) : undefined;
  const given = name === undefined ? schema : reach.values.get(name)?.[0];
  if (given === undefined || !isCall(given)) throw new Error(`readEnv is given ${name ?? "a schema"} that cannot be read here`);
  const base = isNode(given["callee"]) && memberName(given["callee"]) === "extend" ? given["callee"]["object"] : undefined;
  const keys = argumentsOf(given).flatMap(propertiesOf);
  const own = keys.map((key) => ({ name: key.name, isOptional: isOptional(key.value) }));
  return [...(isNode(base) ? readSchema(base, reach) : []), ...own];
}

/** `….optional()`, `….default(…)` and the like, anywhere in the chain. */
function isOptional(schema: Node): boolean {
  return [...descendantsOf(schema)].some((node) => ["optional", "default", "catch", "prefault"].includes(memberName(node) ?? ""));
}

/**
 * Whether the value of a variable goes further than its check. `{ llmQueueUrl: env.LLM_QUEUE_URL }` hands it on under another name, so
 * that name must be taken from an object by code that may run.
 */
function isUsed(variable: string, { nodes, members }: Reach): boolean {
  const handedOn = nodes.filter((node) => node.type === "Property" && isNode(node["value"]) && isReading(node["value"], variable));
  const aliases = handedOn.map((node) => nameOf(node["key"]) ?? "");
  const isHandedOn = (node: Node) => handedOn.some((property) => property["value"] === node);
  const isRead = nodes.some((node) => (isReading(node, variable) && !isHandedOn(node)) || isTaken(node, variable));
  return isRead || aliases.some((alias) => members.has(alias) || !/^[a-z]/.test(alias));
}

/** `env.NAME`, `readEnv(…).NAME` and `readVariable("NAME")`. */
function isReading(node: Node, variable: string): boolean {
  if (memberName(node) === variable) return true;
  return isCall(node) && /^readVariable\d*$/.test(rootName(node["callee"]) ?? "") && nameOf(argumentsOf(node)[0]) === variable;
}

/** `const { NAME } = readEnv(…)`. */
function isTaken(node: Node, variable: string): boolean {
  return node.type === "ObjectPattern" && propertiesOf(node).some(({ name }) => name === variable);
}

import { parseSync } from "oxc-parser";

/** A node of an ESTree, as far as it is looked at here. */
export type Node = { readonly type: string; readonly [field: string]: unknown };

export function parseProgram(text: string): Node {
  const { program, errors } = parseSync("bundle.js", text);
  const found: unknown = program;
  if (errors.length === 0 && isNode(found)) return found;
  throw new Error(`No syntax tree: ${errors.map(({ message }) => message).join("; ")}`);
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

export function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));
}

export function* descendantsOf(node: Node): Iterable<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* descendantsOf(child);
}

const bindings: Readonly<Record<string, readonly string[]>> = {
  VariableDeclarator: ["id"],
  FunctionDeclaration: ["id", "params"],
  FunctionExpression: ["id", "params"],
  ArrowFunctionExpression: ["params"],
  ClassDeclaration: ["id"],
  ClassExpression: ["id"],
  AssignmentExpression: ["left"],
  AssignmentPattern: ["left"],
  RestElement: ["argument"],
  ArrayPattern: ["elements"],
};

/** Its children without names that are no mention of anything: what is only declared, `b` in `a.b`, `b` in `{ b: 1 }`. */
export function mentionedChildrenOf(node: Node): readonly Node[] {
  if (node.type === "ObjectPattern") {
    const parts = listOf(node["properties"]).flatMap((property) => mentionedChildrenOf(property));
    return parts.filter(({ type }) => type !== "Identifier");
  }
  const label = isLabelled(node) ? (node["key"] ?? node["property"]) : undefined;
  const declared = (bindings[node.type] ?? []).flatMap((field) => [node[field], ...listOf(node[field])]);
  return childrenOf(node).filter((child) => child !== label && !(child.type === "Identifier" && declared.includes(child)));
}

function isLabelled(node: Node): boolean {
  return ["Property", "MethodDefinition", "PropertyDefinition", "MemberExpression"].includes(node.type) && node["computed"] !== true;
}

/** The text of an identifier or of a string. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  const text = node.type === "Identifier" ? node["name"] : node.type === "Literal" ? node["value"] : undefined;
  return typeof text === "string" ? text : undefined;
}

/** `b` of `a.b` and of `a["b"]`; undefined where it is computed, and for anything else. */
export function memberName(node: unknown): string | undefined {
  if (!isNode(node) || node.type !== "MemberExpression") return undefined;
  const property = node["property"];
  return node["computed"] === true && !(isNode(property) && property.type === "Literal") ? undefined : nameOf(property);
}

/** `a` of `a`, `a.b.c` and `a().b`. */
export function rootName(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "MemberExpression") return rootName(node["object"]);
  return node.type === "CallExpression" ? rootName(node["callee"]) : nameOf(node);
}

export function isCall(node: Node): boolean {
  return node.type === "CallExpression" || node.type === "NewExpression";
}

export function isFunction(node: Node): boolean {
  return ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"].includes(node.type);
}

export function isClass(node: Node): boolean {
  return node.type === "ClassDeclaration" || node.type === "ClassExpression";
}

export function argumentsOf(node: Node): readonly Node[] {
  return listOf(node["arguments"]);
}

export function listOf(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The properties of `{ … }`, by name, with what each is given. */
export function propertiesOf(node: Node): readonly { readonly name: string; readonly value: Node }[] {
  return listOf(node["properties"]).flatMap((property) => {
    const [name, value] = [nameOf(property["key"]), property["value"]];
    return name === undefined || !isNode(value) || property["computed"] === true ? [] : [{ name, value }];
  });
}

import {
  argumentsOf,
  descendantsOf,
  isCall,
  isClass,
  isFunction,
  isNode,
  listOf,
  memberName,
  mentionedChildrenOf,
  type Node,
  nameOf,
  parseProgram,
  propertiesOf,
  rootName,
} from "./syntax-tree.ts";

/** What a program can come to, from its top level on. */
export type Reach = {
  /** Every node of the code that may run. */
  readonly nodes: readonly Node[];
  /** Members that this code takes from any object, as in `box.send` and `const { send } = box`. */
  readonly members: ReadonlySet<string>;
  /** What a name is given, wherever in the file that happens. */
  readonly values: ReadonlyMap<string, readonly Node[]>;
};

/** Called by the language itself. */
const calledByNobody = ["then", "toString", "toJSON", "valueOf"];

/**
 * Finds the code that may run when a bundle is loaded and its exports are called. A function counts once code that counts mentions its
 * name; a function that is a member of an object, once a member of that name is taken from any object. So an object whose methods are
 * handed around costs a program only the methods that it asks for. What is handed to a package counts whole.
 * @param takenElsewhere members that other code of the same program takes
 */
export function reachCode(text: string, takenElsewhere: Iterable<string> = []): Reach {
  const program = parseProgram(text);
  const values = collectValues(program);
  const [names, members] = [createGate(), createGate()];
  const nodes: Node[] = [];

  const visit = (node: Node): void => {
    nodes.push(node);
    for (const name of mentionedNames(node)) names.open(name);
    for (const name of takenMembers(node, values)) members.open(name);
    for (const work of listGivenAway(node, values)) visit(work);
    for (const child of mentionedChildrenOf(node)) {
      const gate = findGate(node, child);
      if (gate === undefined) visit(child);
      else (gate.kind === "member" ? members : names).wait(gate.name, () => visit(child));
    }
  };
  for (const name of [...calledByNobody, ...takenElsewhere]) members.open(name);
  visit(program);
  return { nodes, members: members.opened, values };
}

/** Work that waits until a name is mentioned for the first time. */
function createGate() {
  const opened = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  return {
    opened,
    open(name: string) {
      if (opened.has(name)) return;
      opened.add(name);
      for (const work of waiting.get(name) ?? []) work();
    },
    wait(name: string, work: () => void) {
      if (opened.has(name)) work();
      else waiting.set(name, [...(waiting.get(name) ?? []), work]);
    },
  };
}

/** The name that a node is, and the names of what it exports where it declares that. */
function mentionedNames(node: Node): readonly string[] {
  if (node.type === "Identifier") return [nameOf(node) ?? ""];
  const declaration = node["declaration"];
  if (node.type !== "ExportNamedDeclaration" || !isNode(declaration)) return [];
  return [declaration, ...listOf(declaration["declarations"])].flatMap(({ id }) => nameOf(id) ?? []);
}

type Gate = { readonly kind: "name" | "member"; readonly name: string };

/** Under which name a child waits to be mentioned; undefined for what runs with the code around it. */
function findGate(parent: Node, child: Node): Gate | undefined {
  const name = nameOf(declaredName(parent, child));
  if (name !== undefined) return { kind: "name", name };
  // A module that is loaded late begins in a method named by its file, which the bundler's own code calls.
  const isModule = isNode(parent["key"]) && parent["key"].type === "Literal" && /\.\w+$/.test(nameOf(parent["key"]) ?? "");
  const isMember = (parent.type === "Property" || parent.type === "MethodDefinition") && parent["computed"] !== true && !isModule;
  const key = isMember && parent["kind"] !== "constructor" && isFunction(child) ? nameOf(parent["key"]) : undefined;
  return key === undefined ? undefined : { kind: "member", name: key };
}

function declaredName(parent: Node, child: Node): unknown {
  if (child.type === "FunctionDeclaration" || child.type === "ClassDeclaration") return child["id"];
  return parent.type === "VariableDeclarator" && parent["init"] === child && isFunction(child) ? parent["id"] : undefined;
}

/** The members that a node takes from an object: one by its name, all of a known object where the name is computed. */
function takenMembers(node: Node, values: Reach["values"]): readonly string[] {
  if (node.type === "ObjectPattern") return propertiesOf(node).map(({ name }) => name);
  if (node.type !== "MemberExpression") {
    const given = isCall(node) && !isOurs(node["callee"], values) ? argumentsOf(node) : [];
    return given.flatMap((argument) => (argument.type === "Identifier" ? membersOf(nameOf(argument), values) : []));
  }
  const name = memberName(node);
  return name === undefined ? membersOf(rootName(node["object"]), values) : [name];
}

function membersOf(name: string | undefined, values: Reach["values"]): readonly string[] {
  const objects = (values.get(name ?? "") ?? []).filter(({ type }) => type === "ObjectExpression");
  return objects.flatMap((node) => propertiesOf(node).map(({ name: member }) => member));
}

/** Whether a called name is declared in the file: packages, parameters and globals are not. */
function isOurs(callee: unknown, values: Reach["values"]): boolean {
  return values.has(rootName(callee) ?? "");
}

/** The functions that a package may call: inside of objects that it is handed, and of classes that extend one of its own. */
function listGivenAway(node: Node, values: Reach["values"]): readonly Node[] {
  if (isClass(node) && isNode(node["superClass"]) && !isOurs(node["superClass"], values)) return methodsOf(node);
  return isCall(node) && !isOurs(node["callee"], values) ? functionsInside(argumentsOf(node)) : [];
}

function methodsOf({ body }: Node): readonly Node[] {
  return isNode(body) ? listOf(body["body"]).flatMap(({ value }) => (isNode(value) ? [value] : [])) : [];
}

/** The functions that are members of the given objects, at any depth. */
function functionsInside(nodes: readonly Node[]): readonly Node[] {
  return nodes.flatMap((node) => {
    if (node.type === "ObjectExpression")
      return propertiesOf(node).flatMap(({ value }) => (isFunction(value) ? [value] : functionsInside([value])));
    return node.type === "ArrayExpression" ? functionsInside(listOf(node["elements"])) : [];
  });
}

function collectValues(program: Node): Reach["values"] {
  const values = new Map<string, Node[]>();
  for (const node of descendantsOf(program)) {
    const name = nameOf(node.type === "AssignmentExpression" ? node["left"] : node["id"]);
    const value = isFunction(node) || isClass(node) ? node : (node["init"] ?? node["right"]);
    if (name !== undefined && isNode(value)) values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

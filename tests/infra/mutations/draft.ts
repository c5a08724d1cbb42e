import type { FunctionEntry } from "../../../functions/function-table.ts";
import type { QueueName } from "../../../functions/queue-table.ts";
import type { Synthesised } from "../rules/rule.ts";
import { listDeployed } from "../template/deployed-functions.ts";
import { queuePath } from "../template/queues.ts";
import { isRecord } from "../template/resolve.ts";
import { listOf, listResources, recordsOf } from "../template/resources.ts";

type Writable = Record<string, unknown>;

/** A resource of a draft, to be changed. */
export type Resource = { Type: string; Properties: Writable; DeletionPolicy?: string; UpdateReplacePolicy?: string; DependsOn?: unknown };

/** A copy of what a stage was synthesised to, with the places that mutations change. Each place that is not there is an error. */
export type Draft = {
  readonly synthesised: Synthesised;
  /** The resources of one kind, where `part` is a part of the logical id. */
  all(type: string, part?: string): readonly Resource[];
  one(type: string, part?: string): Resource;
  at(path: string): Resource;
  remove(type: string, part?: string): void;
  add(stack: string, id: string, resource: Resource): void;
  lambda(entry: FunctionEntry): Resource;
  role(entry: FunctionEntry): Resource;
  /** The statements that a role has itself. */
  statements(role: Resource): Writable[];
  queue(name: QueueName): Resource;
  deadLetters(name: QueueName): Resource;
  /** What names a resource in its own stack: `{ Ref: … }`, and its address. */
  ref(resource: Resource): { Ref: string };
  arn(resource: Resource): { "Fn::GetAtt": [string, "Arn"] };
};

export function createDraft(original: Synthesised): Draft {
  const synthesised = structuredClone(original);
  const { assembly } = synthesised;
  const stackAt = (name: string) => assembly.stacks.find((stack) => stack.name.endsWith(`-${name}`)) ?? fail(`the stack ${name}`);
  const find = (type: string, part = "") => listResources(assembly, type).filter(({ id }) => id.includes(part));
  const draft: Draft = {
    synthesised,
    all: (type, part) => find(type, part).map(({ path }) => draft.at(path)),
    one: (type, part) => draft.all(type, part)[0] ?? fail(`a ${type} ${part ?? ""}`),
    at(path) {
      const [stack = "", id = ""] = path.split("/");
      const found = assembly.stacks.find(({ name }) => name === stack)?.template.Resources[id];
      return (found as Resource | undefined) ?? fail(path);
    },
    remove(type, part) {
      const found = find(type, part);
      if (found.length === 0) fail(`a ${type} ${part ?? ""}`);
      for (const { stack, id } of found) delete assembly.stacks.find(({ name }) => name === stack)?.template.Resources[id];
    },
    add(stack, id, resource) {
      stackAt(stack).template.Resources[id] = resource;
    },
    lambda: (entry) => draft.at(listDeployed(assembly).find((deployed) => deployed.entry === entry)?.path ?? fail(entry)),
    role: (entry) => draft.at(listDeployed(assembly).find((deployed) => deployed.entry === entry)?.role ?? fail(`the role of ${entry}`)),
    statements: (role) => recordsOf(role.Properties["Policies"]).flatMap((policy) => statementsOf(policy["PolicyDocument"])),
    queue: (name) => draft.at(queuePath(assembly, name) ?? fail(name)),
    deadLetters: (name) => draft.one("AWS::SQS::Queue", `${toId(name)}QueueDeadLetters`),
    ref: (resource) => ({ Ref: idOf(resource) }),
    arn: (resource) => ({ "Fn::GetAtt": [idOf(resource), "Arn"] }),
  };
  function idOf(resource: Resource): string {
    const all = assembly.stacks.flatMap(({ template }) => Object.entries(template.Resources));
    return all.find(([, other]) => other === resource)?.[0] ?? fail(`this ${resource.Type}`);
  }
  return draft;
}

export function statementsOf(document: unknown): Writable[] {
  return listOf(isRecord(document) ? document["Statement"] : undefined).filter(isRecord) as Writable[];
}

/** The statement of a function's role that allows an action. */
export function statementOn(draft: Draft, entry: FunctionEntry, action: string): Writable {
  const found = draft.statements(draft.role(entry)).find((statement) => listOf(statement["Action"]).includes(action));
  return found ?? fail(`${entry} being allowed ${action}`);
}

/** Gives a function's role one more right. */
export function allow(draft: Draft, entry: FunctionEntry, action: string, resource: unknown): void {
  addStatement(draft.role(entry), { Effect: "Allow", Action: action, Resource: resource });
}

export function addStatement(role: Resource, statement: Writable): void {
  const [policy] = recordsOf(role.Properties["Policies"]);
  const document = policy?.["PolicyDocument"];
  if (!isRecord(document) || !Array.isArray(document["Statement"])) fail("a policy of the role");
  else document["Statement"].push(statement);
}

/** The variables of a function. */
export function variablesOf(draft: Draft, entry: FunctionEntry): Writable {
  const environment = draft.lambda(entry).Properties["Environment"];
  const variables = isRecord(environment) ? environment["Variables"] : undefined;
  return isRecord(variables) ? (variables as Writable) : fail(`variables of ${entry}`);
}

/** An object inside of a resource's properties, to be changed. */
export function inside(resource: { readonly Properties: Writable }, ...keys: readonly string[]): Writable {
  let value: unknown = resource.Properties;
  for (const key of keys) value = isRecord(value) || Array.isArray(value) ? (value as Writable)[key] : undefined;
  return typeof value === "object" && value !== null ? (value as Writable) : fail(keys.join("."));
}

/** Changes the states of the machine of runs. */
export function editStates(draft: Draft, change: (states: Record<string, Writable>) => void): void {
  const machine = draft.one("AWS::StepFunctions::StateMachine");
  const definition = JSON.parse(String(machine.Properties["DefinitionString"])) as { States: Record<string, Writable> };
  change(definition.States);
  machine.Properties["DefinitionString"] = JSON.stringify(definition);
}

const toId = (name: string) => name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

function fail(what: string): never {
  throw new Error(`The mutation fits nowhere: the template has not ${what}`);
}

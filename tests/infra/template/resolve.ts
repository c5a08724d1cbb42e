import type { Assembly } from "./assembly.ts";

type Place = { readonly assembly: Assembly; readonly stack: string };

/**
 * A value of a template as one text, wherever its parts stand. A resource is `{Stack/LogicalId}`, an attribute of one
 * `{Stack/LogicalId.Arn}`, a pseudo parameter `{AWS::Region}`; what another stack exports is followed to its resource. What cannot be
 * said as a text is given as JSON.
 */
export function resolve(place: Place, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const [name, argument] = readIntrinsic(value);
  const text = name === undefined ? undefined : intrinsics[name]?.(place, argument);
  return text ?? JSON.stringify(value) ?? "";
}

const intrinsics: Readonly<Record<string, (place: Place, argument: unknown) => string | undefined>> = {
  Ref: ({ assembly, stack }, name) => {
    const parameter = findStack(assembly, stack).template.Parameters[String(name)];
    if (typeof parameter?.Default === "string") return parameter.Default;
    return String(name).startsWith("AWS::") ? `{${String(name)}}` : `{${stack}/${String(name)}}`;
  },
  "Fn::GetAtt": ({ stack }, argument) => {
    const [id, ...attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split(".");
    return `{${stack}/${id}.${attribute.join(".")}}`;
  },
  "Fn::Join": (place, argument) => {
    const [separator, parts] = Array.isArray(argument) ? argument : [];
    return Array.isArray(parts) ? parts.map((part: unknown) => resolve(place, part)).join(String(separator)) : undefined;
  },
  "Fn::Sub": (place, argument) => {
    const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
    return String(text).replaceAll(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      const own = isRecord(given) ? given[name] : undefined;
      if (own !== undefined) return resolve(place, own);
      return resolve(place, name.includes(".") ? { "Fn::GetAtt": name } : { Ref: name });
    });
  },
  "Fn::ImportValue": ({ assembly }, name) => {
    for (const { name: stack, template } of assembly.stacks) {
      const found = Object.values(template.Outputs).find((output) => output.Export?.Name === name);
      if (found !== undefined) return resolve({ assembly, stack }, found.Value);
    }
    return undefined;
  },
  "Fn::GetStackOutput": ({ assembly }, argument) => {
    const { StackName: stack, OutputName: output } = isRecord(argument) ? argument : {};
    const found = assembly.stacks.find(({ name }) => name === stack);
    const value = found?.template.Outputs[String(output)]?.Value;
    return found === undefined || value === undefined ? undefined : resolve({ assembly, stack: found.name }, value);
  },
};

function readIntrinsic(value: unknown): [string | undefined, unknown] {
  const entries = isRecord(value) ? Object.entries(value) : [];
  const [first] = entries;
  return entries.length === 1 && first !== undefined ? first : [undefined, undefined];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function findStack(assembly: Assembly, name: string): Assembly["stacks"][number] {
  const found = assembly.stacks.find((stack) => stack.name === name);
  if (found === undefined) throw new Error(`There is no stack ${name}`);
  return found;
}

/** The first resource that a resolved text speaks of: `Stack/LogicalId`. */
export function findTarget(text: string): string | undefined {
  return /\{([^{}:/]+\/\w+)[^{}]*\}/.exec(text)?.[1];
}

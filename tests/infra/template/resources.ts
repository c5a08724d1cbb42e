import type { Assembly } from "./assembly.ts";
import { findTarget, isRecord, resolve } from "./resolve.ts";

/** A resource with the place where it stands. */
export type Located = {
  /** `Stack/LogicalId`, as in resolved texts. */
  readonly path: string;
  readonly id: string;
  readonly stack: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly deletionPolicy: string | undefined;
  readonly replacePolicy: string | undefined;
  /** A value of its template as a text. */
  readonly text: (value: unknown) => string;
};

/** Every resource of all stacks, or those of some types. */
export function listResources(assembly: Assembly, ...types: readonly string[]): readonly Located[] {
  return assembly.stacks.flatMap(({ name: stack, template }) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => types.length === 0 || types.includes(Type))
      .map(([id, resource]) => ({
        path: `${stack}/${id}`,
        id,
        stack,
        type: resource.Type,
        properties: resource.Properties,
        deletionPolicy: resource.DeletionPolicy,
        replacePolicy: resource.UpdateReplacePolicy,
        text: (value: unknown) => resolve({ assembly, stack }, value),
      })),
  );
}

/** The resource that a value speaks of, where it is one of ours. */
export function findResource(assembly: Assembly, resolved: string): Located | undefined {
  const target = findTarget(resolved);
  return listResources(assembly).find(({ path }) => path === target);
}

/** What stands at `Properties.A.B`; undefined when there is nothing. */
export function property(resource: { readonly properties: Readonly<Record<string, unknown>> }, ...keys: readonly string[]): unknown {
  let value: unknown = resource.properties;
  for (const key of keys) value = isRecord(value) ? value[key] : undefined;
  return value;
}

/** A list, a single value as a list of one, and nothing as an empty list. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

export function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return listOf(value).filter(isRecord);
}

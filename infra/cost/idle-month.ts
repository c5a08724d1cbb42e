import type { Charge } from "./charge.ts";
import { freeResources } from "./free-resources.ts";
import { pricedResources } from "./priced-resources.ts";
import { type Resource, resourcesOfType, type Template } from "./template.ts";

/**
 * What the resources of a stage cost in a month in which nobody uses them.
 * @throws Error naming the first resource whose price is unknown, and where to tell it
 */
export function listIdleCharges(templates: readonly Template[]): readonly Charge[] {
  return templates.flatMap((template) =>
    Object.entries(template.Resources).flatMap(([id, resource]) => chargeResource(id, resource, template)),
  );
}

function chargeResource(id: string, { Type, Properties }: Resource, template: Template): readonly Charge[] {
  const price = pricedResources[Type];
  if (price === undefined && freeResources[Type] === undefined) {
    throw new Error(`${id} is of type ${Type}: say in priced-resources.ts what it costs, or in free-resources.ts why it costs nothing.`);
  }
  try {
    return price?.(Properties, template) ?? [];
  } catch (error) {
    throw new Error(`The price of ${id}, of type ${Type}, is not known: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Whether the database of a stage sleeps when nobody is connected, so that use wakes it. */
export function sleepsWhenIdle(templates: readonly Template[]): boolean {
  const clusters = templates.flatMap((template) => resourcesOfType(template, "AWS::RDS::DBCluster"));
  return clusters.length > 0 && !listIdleCharges(templates).some(({ price }) => price === "aurora-acu-hour");
}

import { type FunctionEntry, type FunctionSettings, functionTable } from "../../../functions/function-table.ts";
import type { Assembly } from "./assembly.ts";
import { findTarget, isRecord } from "./resolve.ts";
import { type Located, listResources, property } from "./resources.ts";

/** A function of the table, as a template describes it. */
export type Deployed = Located & {
  readonly entry: FunctionEntry;
  readonly settings: FunctionSettings;
  /** Its variables with their values as texts. */
  readonly environment: Readonly<Record<string, string>>;
  /** The path of its role. */
  readonly role: string | undefined;
};

const isEntry = (name: string): name is FunctionEntry => Object.hasOwn(functionTable, name);

/** The functions of the table that a template has, known by what they say of themselves. */
export function listDeployed(assembly: Assembly): readonly Deployed[] {
  return listResources(assembly, "AWS::Lambda::Function").flatMap((located) => {
    const entry = /^(\S+) of CognitionOS$/.exec(located.text(located.properties["Description"]))?.[1] ?? "";
    if (!isEntry(entry)) return [];
    const variables = property(located, "Environment", "Variables");
    const environment = Object.fromEntries(
      Object.entries(isRecord(variables) ? variables : {}).map(([name, value]) => [name, located.text(value)]),
    );
    const role = findTarget(located.text(located.properties["Role"]));
    return [{ ...located, entry, settings: functionTable[entry], environment, role }];
  });
}

export function findDeployed(assembly: Assembly, entry: FunctionEntry): Deployed | undefined {
  return listDeployed(assembly).find((deployed) => deployed.entry === entry);
}

/** The function that a resolved text speaks of. */
export function functionAt(assembly: Assembly, resolved: string): Deployed | undefined {
  const target = findTarget(resolved);
  return listDeployed(assembly).find(({ path }) => path === target);
}

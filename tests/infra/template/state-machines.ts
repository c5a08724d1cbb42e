import * as z from "zod";
import type { Assembly } from "./assembly.ts";
import { type Located, listResources } from "./resources.ts";

const State = z.looseObject({ Type: z.string() });
const Definition = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), State) });

export type State = z.infer<typeof State>;
export type Machine = Located & { readonly definition: z.infer<typeof Definition> };

export function listMachines(assembly: Assembly): readonly Machine[] {
  return listResources(assembly, "AWS::StepFunctions::StateMachine").map((located) => ({
    ...located,
    definition: Definition.parse(JSON.parse(located.text(located.properties["DefinitionString"]))),
  }));
}

/** Every state of every machine. */
export function listStates(assembly: Assembly): readonly { readonly machine: Machine; readonly name: string; readonly state: State }[] {
  return listMachines(assembly).flatMap((machine) =>
    Object.entries(machine.definition.States).map(([name, state]) => ({ machine, name, state })),
  );
}

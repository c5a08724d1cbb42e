import * as z from "zod";
import { Definition, type State } from "./definition.ts";
import { checkTemplate } from "./template.ts";

/**
 * Reads a definition as CDK does: `${Name}` is replaced by `substitutions.Name`.
 * @throws Error that names what is wrong: a field or expression that the engine does not know, a name without a value, a missing state
 */
export function loadDefinition(text: string, substitutions: Readonly<Record<string, string>>): Definition {
  const names = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => name));
  const missing = [...names].find((name) => !Object.hasOwn(substitutions, name));
  if (missing !== undefined) throw new Error(`The state machine needs a value for \${${missing}}`);
  const unused = Object.keys(substitutions).find((name) => !names.has(name));
  if (unused !== undefined) throw new Error(`The state machine has no place for \${${unused}}`);
  const filled = text.replace(/\$\{(\w+)\}/g, (_, name: string) => JSON.stringify(substitutions[name]).slice(1, -1));

  const parsed = Definition.safeParse(JSON.parse(filled));
  if (!parsed.success) throw new Error(`The state machine cannot be run here:\n${z.prettifyError(parsed.error)}`);
  for (const [name, state] of Object.entries(parsed.data.States)) checkState(parsed.data, name, state);
  if (!Object.hasOwn(parsed.data.States, parsed.data.StartAt)) throw new Error(`StartAt names no state: ${parsed.data.StartAt}`);
  return parsed.data;
}

function checkState(definition: Definition, name: string, state: State): void {
  for (const target of targetsOf(state)) {
    if (!Object.hasOwn(definition.States, target)) throw new Error(`${name} leads to ${target}, which does not exist`);
  }
  if ("Parameters" in state && state.Parameters !== undefined) checkTemplate(state.Parameters, name);
}

function targetsOf(state: State): string[] {
  if (state.Type === "Choice") return [...state.Choices.map((rule) => rule.Next), ...(state.Default === undefined ? [] : [state.Default])];
  if (state.Type === "Task") return [state.Next, ...state.Catch.map((catcher) => catcher.Next)];
  return state.Type === "Pass" ? [state.Next] : [];
}

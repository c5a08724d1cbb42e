import type { SafetyClass } from "../effects/contracts/effect.ts";

/**
 * The tools that agents may be offered, and whether each may be carried out again after a crash. Who only names them needs none of their
 * schemas.
 */
export const toolSafety = {
  execute_javascript: "repeatable",
  read_file: "repeatable",
  // Written twice, the same bytes stand at the same path.
  write_file: "repeatable",
} as const satisfies Readonly<Record<string, SafetyClass>>;

export type WorkingToolName = keyof typeof toolSafety;

export const workingToolNames: readonly string[] = Object.keys(toolSafety);

/** What an executor asks the core for, which answers it itself: no hand carries it out. */
export const PROPOSE_SUBTASKS = "propose_subtasks";

/** Undefined for a tool that cannot be carried out, or that was made up. */
export function findSafety(name: string): SafetyClass | undefined {
  const known: Readonly<Record<string, SafetyClass>> = toolSafety;
  return Object.hasOwn(known, name) ? known[name] : undefined;
}

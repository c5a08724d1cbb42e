import type { Turn } from "../contract.ts";

/** What a model reads as the answer of a tool it called. A failure is marked as one: its text alone might read like an output. */
export function renderToolOutput(turn: Extract<Turn, { kind: "tool" }>): string {
  return JSON.stringify({ ok: turn.ok, output: turn.output });
}

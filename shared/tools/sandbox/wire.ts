/**
 * What crosses the two inner borders of the sandbox (supervisor to child process, child process to worker). Types only: the code on
 * the far side is bundled with nothing but the engine. JSON travels as text, so that no border but the last one reads hostile data.
 */
export type GuestRequest = {
  language: "javascript" | "sql";
  code: string;
  /** JSON text. */
  input: string;
  /** JSON text of an object from path to content. */
  files: string;
  timeMs: number;
  memoryMb: number;
};

export type GuestFailureCode = "timeout" | "memory" | "too_large" | "exception" | "no_output" | "crashed";

export type GuestResult =
  /** `value` is JSON text. */
  { ok: true; value: string; logs: string[]; duration_ms: number } | { ok: false; code: GuestFailureCode; detail: string; logs: string[] };

export const failure = (code: GuestFailureCode, detail: string, logs: string[] = []): GuestResult => ({ ok: false, code, detail, logs });

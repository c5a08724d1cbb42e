import type { ToolOutcome } from "./tool-outcome.ts";

/** The text of a file, every character of it; undefined when its bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export const notText = (path: string): ToolOutcome => ({ ok: false, code: "not_text", detail: `The file ${path} is not UTF-8 text` });

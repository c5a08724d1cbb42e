import type * as z from "zod";
import { READ_FILE_INLINE_BYTES, type ReadFile, type ReadFileOutput } from "../contract.ts";
import { hashBytes, readFile } from "../workspace-files.ts";
import { decodeText, notText } from "./decode-text.ts";
import { countJsonBytes, TOOL_OUTPUT_BYTES, type ToolContext, type ToolOutcome } from "./tool-outcome.ts";

/** The whole file is read for its hash. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** What the rest of the output needs beside the content. */
const ENVELOPE_BYTES = 1_024;

/** Reads a text file: its beginning, as much as fits, with the size and hash of the whole. */
export async function readTextFile({ path }: z.infer<typeof ReadFile>, { files, signal }: ToolContext): Promise<ToolOutcome> {
  const bytes = await readFile(files, path, MAX_FILE_BYTES, signal);
  if (decodeText(bytes) === undefined) return notText(path);
  const content = decodeBeginning(bytes);
  const output: z.infer<typeof ReadFileOutput> = {
    path,
    bytes: bytes.byteLength,
    sha256: hashBytes(bytes),
    content,
    truncated: Buffer.byteLength(content) < bytes.byteLength,
  };
  return { ok: true, output };
}

/** Whole characters only. Control characters take six bytes of JSON each, so less than the limit may fit. */
function decodeBeginning(bytes: Uint8Array): string {
  for (let length = READ_FILE_INLINE_BYTES; ; length /= 2) {
    const content = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, length), { stream: true });
    if (countJsonBytes(content) <= TOOL_OUTPUT_BYTES - ENVELOPE_BYTES) return content;
  }
}

import type { PathSpan } from "./paths.ts";
import { maskQuoted } from "./quotes.ts";

const BEFORE_TARGET =
  /\b(?:to|into|as|at|under|called|named|create|make|produce|generate|build|write|report)\s+(?:(?:the|a|an|new|file|csv|text|markdown|json|called|named)\s+)*$/iu;
const BEFORE_PLACE = /\bin\s+(?:(?:the|a|an|new|file|csv|text|markdown|json|called|named)\s+)*$/iu;
const WRITES =
  /\b(?:write|writing|save|saving|store|storing|export|put|output|record|create|make|produce|generate|build|combine|compile|collect|turn|copy|move|rename)\b[^.;]*$/iu;

/** Which paths a step that is not understood yet writes: those after "to", "into" or "as" of a writing verb, else the one after "in". */
export function findWritten(work: string, paths: readonly PathSpan[]): readonly string[] {
  const masked = paths.reduce(maskPath, maskQuoted(work));
  const following = (span: PathSpan, pattern: RegExp): boolean => {
    const start = masked.slice(0, span.start);
    return WRITES.test(start) && pattern.test(start);
  };
  const targets = paths.filter((span) => following(span, BEFORE_TARGET));
  const chosen = targets.length > 0 ? targets : paths.filter((span) => following(span, BEFORE_PLACE)).slice(-1);
  return chosen.map((span) => span.path);
}

/** The dots of a path end no sentence. */
function maskPath(text: string, { start, end }: PathSpan): string {
  return text.slice(0, start) + "_".repeat(end - start) + text.slice(end);
}

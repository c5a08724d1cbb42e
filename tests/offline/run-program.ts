import { runInNewContext } from "node:vm";
import type { JsonValue } from "../../shared/platform/json.ts";

/** Runs one of our own programs as the sandbox would, without its walls: for tests of what the programs compute. */
export function runProgram(code: string, input: JsonValue, files: Readonly<Record<string, string>> = {}): JsonValue {
  let answer: JsonValue = null;
  const output = (value: unknown): void => {
    answer = JSON.parse(JSON.stringify(value)) as JsonValue;
  };
  runInNewContext(code, { input, files, output, console: { log: () => undefined } });
  return answer;
}

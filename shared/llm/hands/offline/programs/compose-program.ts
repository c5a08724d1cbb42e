import { ARITHMETIC_SOURCE } from "./arithmetic-source.ts";
import { CSV_SOURCE } from "./csv-source.ts";
import { DECIMAL_SOURCE } from "./decimal-source.ts";
import { FILTER_SOURCE } from "./filter-source.ts";
import { TABLE_SOURCE } from "./table-source.ts";

/** Runs `main(input)` and hands its value, or the reason why there is none, to the sandbox's `output`. */
function composeProgram(parts: readonly string[], main: string): string {
  return `"use strict";
(() => {
${parts.join("\n")}
let answer;
try {
  answer = ${main}(input);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  answer = { refused: error.message };
}
output(answer);
})();
`;
}

export const TABLE_PROGRAM = composeProgram([CSV_SOURCE, DECIMAL_SOURCE, FILTER_SOURCE, TABLE_SOURCE], "answerQuestion");
export const ARITHMETIC_PROGRAM = composeProgram([CSV_SOURCE, DECIMAL_SOURCE, ARITHMETIC_SOURCE], "answerExpression");

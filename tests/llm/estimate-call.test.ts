import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Turn } from "../../shared/llm/contract.ts";
import { estimateCall } from "../../shared/llm/estimate-call.ts";
import { buildChatRequest } from "../../shared/llm/hands/chat-request.ts";
import { JsonValue } from "../../shared/platform/json.ts";
import { estimateTokens } from "../../shared/prompts/estimate-tokens.ts";
import { findTool, plannerCall, sampleCall } from "./sample-call.ts";

const text = fc.string({ unit: fc.constantFrom("a", "7", ",", " ", '"', "\n", "`", "é", "漢") });
const json = fc.jsonValue().map((value) => JsonValue.parse(JSON.parse(JSON.stringify(value))));
const turn: fc.Arbitrary<Turn> = fc.oneof(
  fc.record({ kind: fc.constant("correction" as const), text }),
  fc.record({
    kind: fc.constant("answer" as const),
    text,
    tool_calls: fc.array(fc.record({ id: fc.constant("c1"), name: text, arguments: fc.dictionary(text, json) })),
  }),
  fc.record({ kind: fc.constant("tool" as const), call_id: fc.constant("c1"), name: text, ok: fc.boolean(), output: json }),
);

test("the guess before a call covers every text that the request holds", () => {
  fc.assert(
    fc.property(fc.array(turn), text, fc.array(json), (turns, goal, results) => {
      const inputs = results.map((result, index) => ({ ordinal: index, name: goal, result }));
      const calls = [
        sampleCall({ turns, inputs, variables: { ...sampleCall().variables, goal } }),
        plannerCall({ turns, variables: { ...plannerCall().variables, goal } }),
      ];
      for (const call of calls) {
        const request = buildChatRequest(call, findTool);
        const schema = request.response_format?.type === "json_schema" ? request.response_format.json_schema.schema : {};
        const sent = [...request.messages.flatMap(textsOf), JSON.stringify(schema), JSON.stringify(request.tools ?? [])];
        expect(estimateCall(call, findTool).input_tokens).toBeGreaterThanOrEqual(estimateTokens(...sent).tokens);
      }
    }),
  );
});

/** Every text inside, but for the roles: what a vendor counts. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => (key === "role" || key === "type" ? [] : textsOf(inner)));
}

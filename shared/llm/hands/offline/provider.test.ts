import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../platform/errors.ts";
import type { JsonObject, JsonValue } from "../../../platform/json.ts";
import { LlmAnswer, type LlmCall } from "../../contract.ts";
import { createOfflineProvider } from "./provider.ts";

const provider = createOfflineProvider();
const open = { signal: new AbortController().signal };

const callOf = (name: string, variables: JsonObject, more: Partial<LlmCall> = {}): LlmCall => ({
  model: "offline:offline-rules-v1",
  prompt: { name, version: 1 },
  variables,
  inputs: [],
  turns: [],
  tools: ["execute_javascript", "read_file", "write_file"],
  max_output_tokens: 4_000,
  temperature: null,
  ...more,
});
const plan = (goal: string): LlmCall => callOf("planner", { goal, files: [], memories: [] });
const execute = (description: string): LlmCall =>
  callOf("executor", { goal: "g", task: { ordinal: 1, name: "Task", description }, files: [] });

describe("the offline provider", () => {
  it("announces itself in every answer and every usage", async () => {
    const { answer, usage } = await provider.complete(plan("Compute 1 + 2"), open);
    expect(provider.id).toBe("offline");
    expect(LlmAnswer.parse(answer)).toMatchObject({ model: "offline-rules-v1", finish_reason: "stop", tool_calls: [] });
    expect(usage).toMatchObject({ model: "offline-rules-v1", cached_input_tokens: 0 });
    expect(usage.input_tokens).toBeGreaterThan(0);
    expect(usage.output_tokens).toBe(Math.ceil(JSON.stringify([answer.text, []]).length / 4));
  });

  it("asks for a tool without a word, and answers without a tool", async () => {
    const asked = await provider.complete(execute("Compute 1 + 2"), open);
    expect(asked.answer).toMatchObject({
      finish_reason: "tool_calls",
      text: "",
      tool_calls: [{ id: "call-1", name: "execute_javascript" }],
    });
    const turns: LlmCall["turns"] = [
      { kind: "answer", text: "", tool_calls: asked.answer.tool_calls },
      {
        kind: "tool",
        call_id: "call-1",
        name: "execute_javascript",
        ok: true,
        output: { value: { value: 3, digits: "3" }, logs: [], duration_ms: 1 },
      },
    ];
    const { answer } = await provider.complete({ ...execute("Compute 1 + 2"), turns }, open);
    expect(JSON.parse(answer.text)).toMatchObject({ status: "success", output: { result: { kind: "number", value: 3 } }, error: "" });
  });

  it("fails a task whose tool answers in a shape of its own", async () => {
    const turns: LlmCall["turns"] = [{ kind: "tool", call_id: "call-1", name: "execute_javascript", ok: true, output: "?" }];
    const { answer } = await provider.complete({ ...execute("Compute 1 + 2"), turns }, open);
    expect(JSON.parse(answer.text)).toMatchObject({ status: "failure", error: expect.stringMatching(/^tool-failed: .*unexpected shape/u) });
  });

  it("refuses another prompt, other variables, and a plan that was refused", async () => {
    const correction = { kind: "correction" as const, text: "a cycle" };
    await expect(provider.complete(callOf("poet", {}), open)).rejects.toMatchObject({ code: "unsupported_offline" });
    await expect(provider.complete(callOf("planner", { aim: "x" }), open)).rejects.toMatchObject({ code: "invalid-request" });
    await expect(provider.complete({ ...plan("Compute 1 + 2"), turns: [correction] }, open)).rejects.toMatchObject({
      detail: expect.stringContaining("a cycle"),
    });
  });

  it("ends before it begins when nobody waits any more", async () => {
    await expect(provider.complete(plan("Compute 1 + 2"), { signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow("gone");
  });

  it("gives the same bytes for the same call, and throws nothing but its own errors", async () => {
    const words = fc.constantFrom(
      ..."compute the mean of count per a b where is not > 5 and or ( ) + * step 1 using it both tables write to x.md 'q' report each top with highest , . rows in t.csv".split(
        " ",
      ),
    );
    const texts = fc.oneof(
      fc.array(words, { maxLength: 20 }).map((list) => list.join(" ")),
      fc.string({ maxLength: 80 }),
      fc.string({ unit: "binary", maxLength: 40 }),
    );
    const outputs = fc.oneof<fc.Arbitrary<JsonValue>[]>(
      fc.constant({ value: { columns: ["a", "b", "count"], rows: 3 }, logs: [], duration_ms: 1 }),
      fc.constant({ value: { refused: "no" } }),
      fc.constant(null),
    );
    const calls = fc.tuple(texts, fc.array(fc.tuple(fc.boolean(), outputs), { maxLength: 2 }), fc.constantFrom("planner", "executor"));
    await fc.assert(
      fc.asyncProperty(calls, async ([text, tools, prompt]) => {
        const turns = tools.map(([ok, output], index): LlmCall["turns"][number] => ({
          kind: "tool",
          call_id: `call-${index + 1}`,
          name: "execute_javascript",
          ok,
          output,
        }));
        const call = prompt === "planner" ? plan(text) : { ...execute(text), turns };
        const outcome = async (): Promise<string> => {
          try {
            return JSON.stringify(await provider.complete(call, open));
          } catch (error) {
            if (error instanceof AppError) return String(error);
            throw error;
          }
        };
        expect(await outcome()).toBe(await outcome());
      }),
      { numRuns: 150 },
    );
  });
});

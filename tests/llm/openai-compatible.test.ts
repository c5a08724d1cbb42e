import { afterEach, describe, expect, test } from "vitest";
import type { LlmCall } from "../../shared/llm/contract.ts";
import { AnswerTruncated } from "../../shared/llm/hands/answer-truncated.ts";
import { createOpenAiProvider } from "../../shared/llm/hands/openai-compatible.ts";
import { describeTool } from "../../shared/tools/describe-tool.ts";
import { proposeSubtasks, workingTools } from "../../shared/tools/registry.ts";
import { createOpenAiFake, type OpenAiFake } from "../fakes/openai-fake.ts";
import type { FakeReply, Script } from "../fakes/openai-replies.ts";
import { findTool, plannerCall, sampleCall } from "./sample-call.ts";

const running: OpenAiFake[] = [];
afterEach(async () => {
  const fakes = running.splice(0);
  await Promise.all(fakes.map((fake) => fake.close()));
  const problems = fakes.flatMap((fake) => fake.problems);
  if (problems.length > 0) throw new Error(`Our client broke the vendor's rules: ${problems.join("; ")}`);
});

async function start(script?: Script, timeoutSeconds = 10) {
  const fake = await createOpenAiFake(script === undefined ? {} : { script });
  running.push(fake);
  const provider = createOpenAiProvider({ apiKey: fake.apiKey, baseUrl: fake.baseUrl, timeoutSeconds, findTool });
  return { fake, ask: (call: LlmCall = sampleCall(), signal = new AbortController().signal) => provider.complete(call, { signal }) };
}

const always =
  (reply: FakeReply): Script =>
  () =>
    reply;
const inTurn =
  (...replies: FakeReply[]): Script =>
  (_request, number) =>
    replies[number - 1] ?? { kind: "error", status: 418 };
const busy: FakeReply = { kind: "error", status: 429, headers: { "retry-after-ms": "1" } };

describe("a call", () => {
  test("comes back with the answer, the model that gave it, the vendor's request id and what was counted", async () => {
    const { fake, ask } = await start(
      always({
        kind: "answer",
        content: '{"a":1}',
        usage: { prompt_tokens: 90, completion_tokens: 7, cached_tokens: 64, cache_write_tokens: 9 },
      }),
    );
    expect(await ask()).toEqual({
      answer: {
        model: "gpt-6-luna-2026-09-01",
        text: '{"a":1}',
        tool_calls: [],
        finish_reason: "stop",
        provider_request_id: "req_fake_1",
      },
      usage: { model: "gpt-6-luna", input_tokens: 90, output_tokens: 7, cached_input_tokens: 64, cache_write_input_tokens: 9 },
    });
    expect(fake.calls).toHaveLength(1);
  });

  test("sends the prompt's two sections, its schema by name, the tools (strict where they fit) and the limit", async () => {
    const { fake, ask } = await start();
    await ask();
    const request = fake.calls[0]?.request;
    expect(request?.model).toBe("gpt-6-luna");
    expect(request?.messages.map((message) => message.role)).toEqual(["system", "user"]);
    expect(request?.messages[1]?.content).toContain('```inputs\n{"ordinal":1,"name":"Count","result":{"rows":3}}\n```');
    expect(request?.response_format).toMatchObject({ type: "json_schema", json_schema: { name: "executor_v1", strict: true } });
    expect(request?.tools?.map((tool) => [tool.function.name, tool.function.strict])).toEqual([
      ["execute_javascript", false],
      ["write_file", true],
    ]);
    expect(request?.max_completion_tokens).toBe(500);
  });

  test("of the planner describes the tools and offers no calls", async () => {
    const { fake, ask } = await start();
    const { answer } = await ask(plannerCall());
    expect(fake.calls[0]?.request.tools).toBeUndefined();
    expect(fake.calls[0]?.request.messages[1]?.content).toContain('{"name":"write_file","description":"Writes a file."}');
    expect(JSON.parse(answer.text)).toMatchObject({ tasks: [{ id: "t1" }, { id: "t2", dependencies: ["t1"] }] });
  });

  test("sends a temperature only to models that take one", async () => {
    const { fake, ask } = await start();
    await ask(sampleCall({ temperature: 0.3 }));
    await ask(sampleCall({ temperature: 0.3, model: "openai:gpt-4o-mini" }));
    await ask(sampleCall({ temperature: null, model: "openai:gpt-4o-mini" }));
    expect(fake.calls.map((call) => call.request.temperature)).toEqual([undefined, 0.3, undefined]);
  });

  test("counts by a generous guess where a server counts nothing", async () => {
    const { ask } = await start(always({ kind: "answer", content: "{}", usage: null }));
    const { usage } = await ask();
    expect(usage.input_tokens).toBeGreaterThan(1_000);
    expect(usage.output_tokens).toBeGreaterThan(0);
  });

  test("of a tool is taken up again with what the tool answered", async () => {
    const { fake, ask } = await start();
    const first = await ask();
    expect(first.answer).toMatchObject({
      finish_reason: "tool_calls",
      text: "",
      tool_calls: [{ name: "execute_javascript", arguments: { code: "output(6 * 7)" } }],
    });
    const [toolCall] = first.answer.tool_calls;
    const { answer } = await ask(
      sampleCall({
        turns: [
          { kind: "answer", text: "", tool_calls: first.answer.tool_calls },
          { kind: "tool", call_id: toolCall?.id ?? "", name: "execute_javascript", ok: true, output: { value: 42 } },
        ],
      }),
    );
    expect(answer.finish_reason).toBe("stop");
    expect(JSON.parse(answer.text)).toMatchObject({ status: "success", output: { result: '{"ok":true,"output":{"value":42}}' } });
    expect(fake.calls[1]?.request.messages.map((message) => message.role)).toEqual(["system", "user", "assistant", "tool"]);
  });

  test("leaves out calls of tools that were never carried out, and tells corrections as the user", async () => {
    const { fake, ask } = await start();
    const call = (id: string) => ({ id, name: "write_file", arguments: {} });
    await ask(
      sampleCall({
        turns: [
          { kind: "answer", text: "both", tool_calls: [call("c1"), call("c2")] },
          { kind: "tool", call_id: "c2", name: "write_file", ok: false, output: "no such folder" },
          { kind: "answer", text: "done", tool_calls: [call("c3")] },
          { kind: "correction", text: "Your answer was not valid JSON." },
        ],
      }),
    );
    expect(fake.calls[0]?.request.messages.slice(2)).toEqual([
      {
        role: "assistant",
        content: "both",
        tool_calls: [{ id: "c2", type: "function", function: { name: "write_file", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c2", content: '{"ok":false,"output":"no such folder"}' },
      { role: "assistant", content: "done" },
      { role: "user", content: "Your answer was not valid JSON." },
    ]);
  });

  test("with arguments that are no JSON object becomes an answer in words, so that the agent has it written again", async () => {
    const { ask } = await start(
      always({
        kind: "answer",
        content: "I write.",
        tool_calls: [
          { name: "write_file", arguments: '{"path": "a' },
          { name: "write_file", arguments: "[1]" },
          { name: "execute_javascript", arguments: "{}" },
        ],
      }),
    );
    const { answer } = await ask();
    expect(answer).toMatchObject({ finish_reason: "stop", tool_calls: [] });
    expect(answer.text).toBe(
      'I write.\nThe arguments of the call of write_file were not a JSON object: {"path": "a\nThe arguments of the call of write_file were not a JSON object: [1]',
    );
  });

  test("that the model refuses is an answer that says so, by its own words or by the vendor's filter", async () => {
    const { ask } = await start(
      inTurn({ kind: "answer", refusal: "I cannot help with that." }, { kind: "answer", content: "half", finish_reason: "content_filter" }),
    );
    expect((await ask()).answer).toMatchObject({ finish_reason: "refused", text: "I cannot help with that." });
    expect((await ask()).answer).toMatchObject({ finish_reason: "refused", text: "half" });
  });
});

describe("an answer that is not whole", () => {
  test.for(["length", null] as const)("is an error that carries what it cost: finish reason %s", async (finish_reason) => {
    const { ask } = await start(
      always({ kind: "answer", content: '{"a', finish_reason, usage: { prompt_tokens: 90, completion_tokens: 500 } }),
    );
    const error = await ask().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AnswerTruncated);
    expect(error).toMatchObject({ code: "answer-truncated", usage: { model: "gpt-6-luna", input_tokens: 90, output_tokens: 500 } });
  });

  test.for<[string, string, string?]>([
    ["that is no JSON", "<html>Bad gateway</html>"],
    ["that is a page", "<html>Bad gateway</html>", "text/html"],
    ["that is empty", ""],
    ["that is null", "null"],
    ["without a choice", '{"choices":[]}'],
    ["whose content is a number", '{"choices":[{"finish_reason":"stop","message":{"content":7}}]}'],
  ])("is never taken for one: a 200 %s", async ([, body, contentType = "application/json"]) => {
    const { fake, ask } = await start(always({ kind: "raw", body, contentType }));
    await expect(ask()).rejects.toMatchObject({ code: "provider-unavailable", detail: expect.stringContaining("answered 200") });
    expect(fake.calls).toHaveLength(1);
  });
});

describe("a vendor that fails", () => {
  test("429, 429, 200 is exactly three calls and one answer", async () => {
    const { fake, ask } = await start(inTurn(busy, busy, { kind: "answer", content: "{}" }));
    expect((await ask()).answer.text).toBe("{}");
    expect(fake.calls.map((call) => call.status)).toEqual([429, 429, 200]);
    expect(fake.total().calls).toBe(1);
  });

  test.for([408, 409, 429, 500, 503])("%i for ever is provider-unavailable after three calls", async (status) => {
    const { fake, ask } = await start(always({ kind: "error", status, headers: { "retry-after-ms": "1" }, message: "later" }));
    await expect(ask()).rejects.toMatchObject({
      code: "provider-unavailable",
      retryable: true,
      detail: `The model provider answered ${status}: later`,
    });
    expect(fake.calls).toHaveLength(3);
  });

  test.for([400, 401, 403, 404, 422])("%i is provider-rejected after one call", async (status) => {
    const { fake, ask } = await start(always({ kind: "error", status }));
    await expect(ask()).rejects.toMatchObject({
      code: "provider-rejected",
      retryable: false,
      detail: expect.stringContaining(String(status)),
    });
    expect(fake.calls).toHaveLength(1);
  });

  test("a spent account is provider-rejected, although its status is 429", async () => {
    const { ask } = await start(always({ kind: "error", status: 429, code: "insufficient_quota", headers: { "retry-after-ms": "1" } }));
    await expect(ask()).rejects.toMatchObject({ code: "provider-rejected" });
  });

  test("never shows the key, even if the vendor repeats it", async () => {
    const { ask } = await start(always({ kind: "error", status: 400, message: "You sent sk-fake-0123456789 twice: sk-fake-0123456789" }));
    await expect(ask()).rejects.toMatchObject({ detail: "The model provider answered 400: You sent (key) twice: (key)" });
  });

  test("a wrong key is provider-rejected without the vendor's words", async () => {
    const { fake } = await start();
    const provider = createOpenAiProvider({ apiKey: "sk-wrong", baseUrl: fake.baseUrl, timeoutSeconds: 10, findTool });
    await expect(provider.complete(sampleCall(), { signal: new AbortController().signal })).rejects.toMatchObject({
      code: "provider-rejected",
      detail: "The model provider answered 401: it does not accept the key for this",
    });
  });

  test("an unknown model is provider-rejected and named", async () => {
    const { ask } = await start();
    await expect(ask(sampleCall({ model: "openai:gpt-0" }))).rejects.toMatchObject({
      code: "provider-rejected",
      detail: expect.stringContaining("gpt-0"),
    });
  });

  test("a connection that closes is provider-unavailable", async () => {
    const { ask } = await start(always({ kind: "hang-up" }));
    await expect(ask()).rejects.toMatchObject({ code: "provider-unavailable" });
  });

  test("a body that never ends is given up at the deadline", async () => {
    const { ask } = await start(always({ kind: "stall" }), 0.2);
    await expect(ask()).rejects.toMatchObject({
      code: "provider-unavailable",
      detail: "The model provider gave no whole answer within 0.2 s",
    });
  });
});

describe("a call that is stopped", () => {
  test("before it began contacts nobody", async () => {
    const { fake, ask } = await start();
    await expect(ask(sampleCall(), AbortSignal.abort())).rejects.toMatchObject({ detail: "The call was stopped before its answer came" });
    expect(fake.calls).toEqual([]);
  });

  test.for<[string, FakeReply]>([
    ["while the body is on its way", { kind: "stall" }],
    ["in the pause before a retry", { kind: "error", status: 429, headers: { "retry-after": "50" } }],
  ])("%s ends at once and is not tried again", async ([, reply]) => {
    const controller = new AbortController();
    const { fake, ask } = await start(() => {
      setImmediate(() => controller.abort());
      return reply;
    });
    await expect(ask(sampleCall(), controller.signal)).rejects.toMatchObject({ detail: "The call was stopped before its answer came" });
    expect(fake.calls).toHaveLength(1);
  });
});

test("the tools that agents are offered are tools as the vendor wants them", async () => {
  const fake = await createOpenAiFake();
  running.push(fake);
  const provider = createOpenAiProvider({ apiKey: fake.apiKey, baseUrl: fake.baseUrl, timeoutSeconds: 10, findTool: describeTool });
  const tools = [...workingTools, proposeSubtasks].map((tool) => tool.name);
  await provider.complete(sampleCall({ tools }), { signal: new AbortController().signal });
  expect(fake.calls[0]?.request.tools?.map((tool) => tool.function.name)).toEqual(tools);
});

test("a request that breaks the prompt's contract is refused before any contact", async () => {
  const { fake, ask } = await start();
  await expect(ask(sampleCall({ variables: {} }))).rejects.toMatchObject({ code: "invalid-request" });
  await expect(ask(sampleCall({ tools: ["fly"] }))).rejects.toMatchObject({
    code: "invalid-request",
    detail: "There is no tool named fly",
  });
  await expect(ask(sampleCall({ prompt: { name: "executor", version: 9 } }))).rejects.toMatchObject({ code: "not-found" });
  expect(fake.calls).toEqual([]);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { createOpenAiFake, type OpenAiFake } from "./openai-fake.ts";

// The other tests lean on the fake's strictness: each rule is broken once here.
let fake: OpenAiFake;
beforeAll(async () => {
  fake = await createOpenAiFake();
});
afterAll(() => fake.close());

const hello = { role: "user", content: "Hello" };
const toolCall = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
const object = (changes: object) => ({
  type: "object",
  properties: { a: { type: "string" } },
  required: ["a"],
  additionalProperties: false,
  ...changes,
});
const format = (schema: object) => ({ type: "json_schema", json_schema: { name: "x", strict: true, schema } });
const tool = (parameters: object) => [{ type: "function", function: { name: "f", strict: true, parameters } }];

async function post(changes: object, key = fake.apiKey) {
  const body = JSON.stringify({ model: "gpt-6-luna", messages: [hello], ...changes });
  const response = await fetch(`${fake.baseUrl}/chat/completions`, { method: "POST", body, headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, body: await response.text() };
}

test("answers what the vendor would answer", async () => {
  const call = {
    messages: [
      hello,
      { role: "assistant", content: null, tool_calls: [toolCall] },
      { role: "tool", tool_call_id: "c1", content: "1" },
      hello,
    ],
  };
  for (const fine of [
    {},
    call,
    { response_format: format(object({})) },
    { tools: tool(object({})) },
    { temperature: 1 },
    { model: "gpt-4o-mini", temperature: 0 },
  ]) {
    expect(await post(fine)).toMatchObject({ status: 200 });
  }
  expect(fake.problems).toEqual([]);
});

test.for<[string, object, RegExp]>([
  ["an unknown field", { max_output_tokens: 1 }, /Unrecognized request argument supplied: max_output_tokens/],
  ["an unknown role", { messages: [{ role: "robot", content: "x" }] }, /Invalid value/],
  ["an unknown field of a message", { messages: [{ ...hello, ok: true }] }, /Invalid value/],
  ["no messages", { messages: [] }, /Invalid value/],
  ["a stream", { stream: true }, /Invalid value/],
  ["an answer of a tool nobody called", { messages: [hello, { role: "tool", tool_call_id: "c1", content: "1" }] }, /must be a response/],
  [
    "a call nobody answered",
    { messages: [hello, { role: "assistant", tool_calls: [toolCall] }, hello] },
    /did not have response messages: c1/,
  ],
  [
    "a call nobody answered at the end",
    { messages: [hello, { role: "assistant", tool_calls: [toolCall] }] },
    /did not have response messages: c1/,
  ],
  ["an assistant that says nothing", { messages: [hello, { role: "assistant", content: null }] }, /must have content/],
  ["an open object", { response_format: format({ type: "object", properties: {} }) }, /additionalProperties/],
  ["an optional property", { response_format: format(object({ required: [] })) }, /Missing 'a'/],
  [
    "an open object further in",
    { response_format: format(object({ properties: { a: { anyOf: [{ type: "object" }] } } })) },
    /context=\(a, 0\)/,
  ],
  [
    "a keyword outside the subset",
    { response_format: format(object({ properties: { a: { type: "string", maxLength: 3 } } })) },
    /maxLength/,
  ],
  ["a reference to nothing", { response_format: format(object({ properties: { a: { $ref: "#/$defs/b" } } })) }, /not found/],
  ["a schema whose root is no object", { response_format: format({ type: "array", items: { type: "string" } }) }, /type: \\"object\\"/],
  ["a strict tool with an optional argument", { tools: tool(object({ required: [] })) }, /function 'f'.*Missing 'a'/],
  ["a temperature for a reasoning model", { temperature: 0.5 }, /temperature/],
  ["max_tokens for a reasoning model", { max_tokens: 5 }, /max_tokens/],
])("refuses %s and remembers it", async ([, changes, reason]) => {
  const before = fake.problems.length;
  const { status, body } = await post(changes);
  expect(status).toBe(400);
  expect(body).toMatch(reason);
  expect(fake.problems).toHaveLength(before + 1);
});

test("takes only its own key and its own models, and lists them", async () => {
  expect(await post({}, "sk-other")).toMatchObject({ status: 401 });
  expect(await post({ model: "gpt-0" })).toMatchObject({ status: 404 });
  const models = await fetch(`${fake.baseUrl}/models`, { headers: { authorization: `Bearer ${fake.apiKey}` } });
  expect(await models.json()).toMatchObject({
    object: "list",
    data: expect.arrayContaining([expect.objectContaining({ id: "gpt-6-luna" })]),
  });
});

test("serves a long beginning from its cache the second time, and bills it at a tenth", async () => {
  const own = await createOpenAiFake();
  const body = JSON.stringify({ model: "gpt-6-luna", messages: [{ role: "system", content: "x".repeat(8_000) }, hello] });
  const send = () => fetch(`${own.baseUrl}/chat/completions`, { method: "POST", body, headers: { authorization: `Bearer ${own.apiKey}` } });
  await send();
  const first = own.total();
  await send();
  const both = own.total();
  await own.close();
  expect(both.input_tokens).toBe(2 * first.input_tokens);
  expect(2n * first.cost_nano_dollars - both.cost_nano_dollars).toBe(1_024n * 90n);
});

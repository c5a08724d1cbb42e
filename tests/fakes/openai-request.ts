import * as z from "zod";

/** A chat completion request as the vendor's specification has it, for text and function tools. Unknown fields are refused, as the vendor does. */
const ToolCall = z.strictObject({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

/** The vendor also takes lists of parts; nobody here sends them. */
const Text = z.string();

const Message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: Text, name: z.string().optional() }),
  z.strictObject({ role: z.literal("developer"), content: Text, name: z.string().optional() }),
  z.strictObject({ role: z.literal("user"), content: Text, name: z.string().optional() }),
  z.strictObject({
    role: z.literal("assistant"),
    content: Text.nullish(),
    refusal: z.string().nullish(),
    name: z.string().optional(),
    tool_calls: z.array(ToolCall).min(1).max(128).optional(),
  }),
  z.strictObject({ role: z.literal("tool"), content: Text, tool_call_id: z.string() }),
]);
export type Message = z.infer<typeof Message>;

const Name = z.string().regex(/^[\w-]{1,64}$/);
const Schema = z.record(z.string(), z.json());

const FunctionTool = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({
    name: Name,
    description: z.string().max(1_024).optional(),
    parameters: Schema.optional(),
    strict: z.boolean().nullish(),
  }),
});

const ResponseFormat = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text") }),
  z.strictObject({ type: z.literal("json_object") }),
  z.strictObject({
    type: z.literal("json_schema"),
    json_schema: z.strictObject({
      name: Name,
      description: z.string().optional(),
      schema: Schema.optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

export const ChatRequest = z.strictObject({
  model: z.string(),
  messages: z.array(Message).min(1),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  logprobs: z.boolean().nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  n: z.int().min(1).max(128).nullish(),
  parallel_tool_calls: z.boolean().optional(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  prompt_cache_key: z.string().nullish(),
  reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).nullish(),
  response_format: ResponseFormat.optional(),
  safety_identifier: z.string().max(64).nullish(),
  seed: z.int().nullish(),
  service_tier: z.enum(["auto", "default", "flex", "scale", "priority"]).nullish(),
  stop: z.string().or(z.array(z.string()).max(4)).nullish(),
  store: z.boolean().nullish(),
  stream: z.literal(false).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  tool_choice: z
    .enum(["none", "auto", "required"])
    .or(z.strictObject({ type: z.literal("function"), function: z.strictObject({ name: Name }) }))
    .optional(),
  tools: z.array(FunctionTool).min(1).max(128).optional(),
  top_p: z.number().min(0).max(1).nullish(),
  user: z.string().optional(),
  verbosity: z.enum(["low", "medium", "high"]).nullish(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

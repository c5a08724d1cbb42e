import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import * as z from "zod";
import { type FakeReply, type FakeUsage, playRoles, type Script } from "./openai-replies.ts";
import type { ChatRequest } from "./openai-request.ts";
import { checkRequest } from "./openai-rules.ts";

export type RecordedCall = { request: ChatRequest; status: number; requestId: string; usage?: FakeUsage };

export type OpenAiFake = {
  /** For OPENAI_BASE_URL. */
  readonly baseUrl: string;
  /** For OPENAI_API_KEY: the only key it takes. */
  readonly apiKey: string;
  /** Every well-formed call, answered or not, in order. */
  readonly calls: readonly RecordedCall[];
  /** Why requests were refused as malformed: empty, unless our client breaks the vendor's rules. */
  readonly problems: readonly string[];
  /** Sums over the answered calls, with the bill that the vendor would write at gpt-6-luna's prices. */
  total(): { calls: number; input_tokens: number; output_tokens: number; cost_nano_dollars: bigint };
  close(): Promise<void>;
};

const MODELS = ["gpt-6-luna", "gpt-6-sol", "gpt-4o-mini"];
const API_KEY = "sk-fake-0123456789";

/** gpt-6-luna in nano-dollars a token, up to 272,000 tokens of input. */
const NANO_PER_TOKEN = { input: 100n, cached: 10n, written: 125n, output: 500n };

/**
 * A stand-in for OpenAI's chat completions on a free port of the loopback, as strict about requests as the vendor. `script` says what each call
 * is answered (the first has number 1); without it the fake plays the roles of a run.
 */
export async function createOpenAiFake({ script = playRoles }: { script?: Script } = {}): Promise<OpenAiFake> {
  const calls: RecordedCall[] = [];
  const problems: string[] = [];
  const seenPrompts = new Set<string>();

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      problems.push(`the fake itself failed: ${String(error)}`);
      response.destroy();
    });
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    response.setHeader("x-request-id", `req_fake_${calls.length + 1}`);
    if (incoming.headers.authorization !== `Bearer ${API_KEY}`) {
      return sendError(response, 401, { message: "Incorrect API key provided.", code: "invalid_api_key", param: null });
    }
    if (incoming.method === "GET" && incoming.url === "/v1/models") {
      return sendJson(response, 200, {
        object: "list",
        data: MODELS.map((id) => ({ id, object: "model", created: 1_780_000_000, owned_by: "openai" })),
      });
    }
    if (incoming.method !== "POST" || incoming.url !== "/v1/chat/completions") {
      problems.push(`${incoming.method} ${incoming.url}`);
      return sendError(response, 404, { message: `Invalid URL (${incoming.method} ${incoming.url})`, code: null, param: null });
    }
    await answerChat(body, response);
  }

  async function answerChat(body: string, response: ServerResponse): Promise<void> {
    const checked = checkRequest(parseJson(body));
    if ("refusal" in checked) {
      problems.push(checked.refusal.message);
      return sendError(response, 400, checked.refusal);
    }
    const { request } = checked;
    if (!MODELS.includes(request.model)) {
      return sendError(response, 404, { message: `The model \`${request.model}\` does not exist`, code: "model_not_found", param: null });
    }
    const call: RecordedCall = { request, status: 200, requestId: `req_fake_${calls.length + 1}` };
    calls.push(call);
    const reply = await script(request, calls.length);
    if (response.destroyed) return;
    if (reply.kind === "answer") return sendAnswer(response, call, reply, isRepeated(request));
    if (reply.kind === "error") call.status = reply.status;
    await sendFault(response, reply);
  }

  /** The vendor serves a prompt's beginning from its cache when it saw it before. */
  function isRepeated(request: ChatRequest): boolean {
    const prefix = JSON.stringify([request.model, request.messages[0], request.tools]);
    const repeated = seenPrompts.has(prefix);
    seenPrompts.add(prefix);
    return repeated;
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKey: API_KEY,
    calls,
    problems,
    total: () => sumUp(calls),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function sumUp(calls: readonly RecordedCall[]): ReturnType<OpenAiFake["total"]> {
  const usages = calls.flatMap((call) => call.usage ?? []);
  const sum = (pick: (usage: FakeUsage) => number): number => usages.reduce((total, usage) => total + pick(usage), 0);
  const [input, output] = [sum((usage) => usage.prompt_tokens), sum((usage) => usage.completion_tokens)];
  const [cached, written] = [sum((usage) => usage.cached_tokens ?? 0), sum((usage) => usage.cache_write_tokens ?? 0)];
  const cost_nano_dollars =
    BigInt(input - cached - written) * NANO_PER_TOKEN.input +
    BigInt(cached) * NANO_PER_TOKEN.cached +
    BigInt(written) * NANO_PER_TOKEN.written +
    BigInt(output) * NANO_PER_TOKEN.output;
  return { calls: usages.length, input_tokens: input, output_tokens: output, cost_nano_dollars };
}

function sendAnswer(response: ServerResponse, call: RecordedCall, reply: Extract<FakeReply, { kind: "answer" }>, repeated: boolean): void {
  const tool_calls = reply.tool_calls?.map(({ name, arguments: values }, index) => ({
    id: `call_${call.requestId}_${index}`,
    type: "function",
    function: { name, arguments: values },
  }));
  const message = {
    role: "assistant",
    content: reply.content ?? null,
    refusal: reply.refusal ?? null,
    ...(tool_calls && { tool_calls }),
    annotations: [],
  };
  const usage = reply.usage === undefined ? count(call.request, message, repeated) : reply.usage;
  if (usage !== null) call.usage = usage;
  sendJson(response, 200, {
    id: `chatcmpl-${call.requestId}`,
    object: "chat.completion",
    created: 1_780_000_000,
    model: `${call.request.model}-2026-09-01`,
    choices: [
      {
        index: 0,
        message,
        logprobs: null,
        finish_reason: reply.finish_reason === undefined ? (tool_calls ? "tool_calls" : "stop") : reply.finish_reason,
      },
    ],
    ...(usage && { usage: describeUsage(usage) }),
    service_tier: "default",
  });
}

function count({ messages, tools, response_format }: ChatRequest, message: unknown, repeated: boolean): FakeUsage {
  const quarter = (value: unknown): number => Math.ceil(Buffer.byteLength(JSON.stringify(value) ?? "") / 4);
  const prompt_tokens = quarter(messages) + quarter(tools) + quarter(response_format);
  const cached_tokens = repeated && prompt_tokens >= 1_024 ? 1_024 : 0;
  return { prompt_tokens, completion_tokens: quarter(message), cached_tokens };
}

function describeUsage({ prompt_tokens, completion_tokens, cached_tokens = 0, cache_write_tokens = 0 }: FakeUsage): unknown {
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: { cached_tokens, cache_write_tokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
}

async function sendFault(response: ServerResponse, reply: Exclude<FakeReply, { kind: "answer" }>): Promise<void> {
  switch (reply.kind) {
    case "error":
      for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
      return sendError(response, reply.status, { message: reply.message ?? "A scripted error.", code: reply.code ?? null, param: null });
    case "raw":
      response.writeHead(200, { "content-type": reply.contentType ?? "application/json" }).end(reply.body);
      return;
    case "stall":
      response.writeHead(200, { "content-type": "application/json" }).write('{"id":');
      return;
    case "hang-up":
      response.destroy();
  }
}

function sendError(response: ServerResponse, status: number, error: { message: string; code: string | null; param: string | null }): void {
  const type = status === 429 ? "rate_limit_error" : status >= 500 ? "server_error" : "invalid_request_error";
  sendJson(response, status, { error: { ...error, type } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(z.instanceof(Buffer).parse(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import OpenAI from "openai";
import type { FindTool } from "../domain/offered-tool.ts";
import { readChatReply } from "./chat-reply.ts";
import { buildChatRequest } from "./chat-request.ts";
import type { LlmProvider } from "./provider.ts";
import { toProviderError } from "./provider-failure.ts";
import { withDeadline } from "./with-deadline.ts";

export type OpenAiSettings = {
  apiKey: string;
  /** Of a compatible server; OpenAI's own when absent. */
  baseUrl?: string | undefined;
  /** For the whole call, with its retries and the body of its reply. */
  timeoutSeconds: number;
  findTool: FindTool;
};

const VENDOR_URL = "https://api.openai.com/v1";
/** The one retry policy of a call: the client's, which honours the vendor's own wish for a pause. */
const MAX_RETRIES = 2;

/** Chat completions of OpenAI or of a server that speaks its protocol (vLLM, Ollama, LiteLLM), not streamed. */
export function createOpenAiProvider({ apiKey, baseUrl, timeoutSeconds, findTool }: OpenAiSettings): LlmProvider {
  const client = new OpenAI({
    apiKey,
    baseURL: baseUrl ?? VENDOR_URL,
    maxRetries: MAX_RETRIES,
    timeout: timeoutSeconds * 1000,
    logLevel: "off",
    // Left out, each of these would be read from the environment.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
  });
  return {
    id: "openai",
    async complete(call, { signal }) {
      const request = buildChatRequest(call, findTool);
      try {
        const { data, request_id } = await withDeadline(signal, timeoutSeconds, (stop) =>
          client.chat.completions.create(request, { signal: stop }).withResponse(),
        );
        return readChatReply(data, call, { requestId: request_id, sent: JSON.stringify(request) });
      } catch (error) {
        throw toProviderError(error, apiKey);
      }
    },
  };
}

import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import * as z from "zod";
import { createEffectWorker } from "../../shared/effects/hands/carry-out-effects.ts";
import { createLedgerClient } from "../../shared/effects/hands/ledger-client.ts";
import { createReportClient } from "../../shared/effects/hands/report-client.ts";
import { answerCall } from "../../shared/llm/hands/answer-call.ts";
import { createProviders } from "../../shared/llm/hands/create-providers.ts";
import { openOpenAiKey } from "../../shared/llm/hands/openai-key.ts";
import { invokeFunction } from "../../shared/platform/aws/invoke-function.ts";
import { sendMessages } from "../../shared/platform/aws/send-messages.ts";
import { readEnv } from "../../shared/platform/config/env.ts";
import { withLogContext } from "../../shared/platform/log/logger.ts";
import { describeTool } from "../../shared/tools/describe-tool.ts";
import { queueTable } from "../queue-table.ts";

const HAND = queueTable["effects-llm"].hand;

const LlmWorkerEnv = z.object({
  LEDGER_FUNCTION: z.string(),
  RESULTS_QUEUE_URL: z.url(),
  OPENAI_API_KEY: z.string().optional(),
  /** The secret that an operator sets to the key; it has no value until then. */
  OPENAI_KEY_SECRET: z.string().optional(),
  OPENAI_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Of a whole call with its retries; the function's own timeout is longer. */
  LLM_TIMEOUT_SECONDS: z.coerce.number().positive().default(HAND.effectSeconds),
  EXTEND_EVERY_SECONDS: z.coerce.number().positive().default(20),
});

let work: ReturnType<typeof createEffectWorker> | undefined;

/** The queue of `llm` effects: asks models, mostly waits for them, and holds the only keys of their vendors. */
export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const worker = (work ??= open());
  return withLogContext({ service: "ai-runtime" }, () => worker(event));
}

function open(): ReturnType<typeof createEffectWorker> {
  const env = readEnv(LlmWorkerEnv);
  const { OPENAI_BASE_URL: baseUrl, LLM_TIMEOUT_SECONDS: timeoutSeconds } = env;
  const getProvider = createProviders({ openai: { getApiKey: openOpenAiKey(env), baseUrl, timeoutSeconds, findTool: describeTool } });
  return createEffectWorker({
    ...createLedgerClient(invokeFunction, env.LEDGER_FUNCTION),
    report: createReportClient(sendMessages, env.RESULTS_QUEUE_URL),
    carryOut: (effect, signal) => answerCall(getProvider, effect, signal),
    extendEverySeconds: env.EXTEND_EVERY_SECONDS,
    concurrency: HAND.atOnce,
  });
}

import type { SQSEvent } from "aws-lambda";
import { log } from "../../platform/log/logger.ts";
import { EffectMessage } from "../contract.ts";

export type ReceivedMessage = { messageId: string; message: EffectMessage };

/** The effects that a batch names, each send of an effect once. A message of another form can never succeed: it is logged and dropped. */
export function readMessages(event: SQSEvent): ReceivedMessage[] {
  const received = new Map<string, ReceivedMessage>();
  for (const { messageId, body } of event.Records) {
    const parsed = EffectMessage.safeParse(parseJson(body));
    if (!parsed.success) log.error("a message names no effect and was dropped", { messageId, issues: parsed.error.issues });
    else received.set(`${parsed.data.effect_id} ${parsed.data.try}`, { messageId, message: parsed.data });
  }
  return [...received.values()];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

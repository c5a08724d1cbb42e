import * as z from "zod";
import { JsonValue } from "../../../shared/platform/json.ts";
import { sendMessage } from "../queue.ts";
import { getQueue, type Queues } from "../queues.ts";
import type { StartTask } from "./execution.ts";

const Parameters = z.strictObject({ QueueUrl: z.string(), MessageBody: JsonValue, MessageGroupId: z.string().optional() });

/** The tasks that hand a token over by a message: `sqs:sendMessage.waitForTaskToken`. */
export function createSendMessageTasks(queues: Queues): Record<string, StartTask> {
  return {
    "arn:aws:states:::sqs:sendMessage.waitForTaskToken": (parameters) => {
      const { QueueUrl, MessageBody, MessageGroupId } = Parameters.parse(parameters);
      const body = typeof MessageBody === "string" ? MessageBody : JSON.stringify(MessageBody);
      sendMessage(getQueue(queues, QueueUrl), { body, groupId: MessageGroupId });
    },
  };
}

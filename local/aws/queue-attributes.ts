import * as z from "zod";
import { AwsError } from "./aws-error.ts";
import { LIMITS } from "./limits.ts";
import { countMessages, type Queue, type QueueSettings } from "./queue.ts";
import type { Queues } from "./queues.ts";

const Seconds = z.stringFormat("seconds", /^\d{1,5}$/).transform(Number);

const JsonText = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("not JSON");
    return z.NEVER;
  }
});

const RedrivePolicy = z.strictObject({
  deadLetterTargetArn: z.string(),
  maxReceiveCount: z.union([z.int(), z.stringFormat("count", /^\d+$/).transform(Number)]).refine((count) => count >= 1 && count <= 1_000),
});

const Attributes = z.strictObject({
  VisibilityTimeout: Seconds.optional(),
  DelaySeconds: Seconds.optional(),
  ReceiveMessageWaitTimeSeconds: Seconds.optional(),
  RedrivePolicy: z.string().optional(),
});

/** The attributes of CreateQueue that the embedded queue honours; any other is refused by name. */
export function parseQueueAttributes(queues: Queues, attributes: Readonly<Record<string, string>>): Partial<QueueSettings> {
  const parsed = Attributes.safeParse(attributes);
  if (!parsed.success) throw new AwsError("InvalidAttributeValue", z.prettifyError(parsed.error));
  const { VisibilityTimeout, DelaySeconds, ReceiveMessageWaitTimeSeconds, RedrivePolicy: redrive } = parsed.data;
  return {
    ...(VisibilityTimeout === undefined ? {} : { visibilitySeconds: VisibilityTimeout }),
    ...(DelaySeconds === undefined ? {} : { delaySeconds: DelaySeconds }),
    ...(ReceiveMessageWaitTimeSeconds === undefined ? {} : { waitSeconds: ReceiveMessageWaitTimeSeconds }),
    ...(redrive === undefined ? {} : { redrive: parseRedrive(queues, redrive) }),
  };
}

function parseRedrive(queues: Queues, text: string): NonNullable<QueueSettings["redrive"]> {
  const policy = JsonText.pipe(RedrivePolicy).safeParse(text);
  if (!policy.success) throw new AwsError("InvalidAttributeValue", z.prettifyError(policy.error));
  const { deadLetterTargetArn, maxReceiveCount } = policy.data;
  const deadLetterQueue = [...queues.byName.values()].find((queue) => queue.arn === deadLetterTargetArn);
  if (deadLetterQueue === undefined) throw new AwsError("InvalidParameterValue", `There is no queue ${deadLetterTargetArn}`);
  return { deadLetterQueue, maxReceiveCount };
}

export function readQueueAttributes(queue: Queue, names: readonly string[]): Record<string, string> {
  const { visible, inFlight, delayed } = countMessages(queue);
  const { visibilitySeconds, delaySeconds, waitSeconds, redrive } = queue.settings;
  const all: Record<string, string> = {
    QueueArn: queue.arn,
    VisibilityTimeout: String(visibilitySeconds),
    DelaySeconds: String(delaySeconds),
    MaximumMessageSize: String(LIMITS.sqsBytes),
    ReceiveMessageWaitTimeSeconds: String(waitSeconds),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
  if (redrive !== undefined) {
    const { deadLetterQueue, maxReceiveCount } = redrive;
    all["RedrivePolicy"] = JSON.stringify({ deadLetterTargetArn: deadLetterQueue.arn, maxReceiveCount });
  }
  if (names.includes("All")) return all;
  for (const name of names) if (!(name in all)) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

import { hash, randomUUID } from "node:crypto";
import type { Agenda, Appointment } from "./agenda.ts";
import { AwsError } from "./aws-error.ts";
import { refuseDelay, refuseMessageBytes, refuseReceiveSize, refuseVisibility, refuseWait } from "./limits.ts";
import { hashMessageAttributes, type MessageAttributes, messageBytes } from "./message-attributes.ts";

export type Redrive = { readonly deadLetterQueue: Queue; readonly maxReceiveCount: number };

export type QueueSettings = {
  readonly visibilitySeconds: number;
  readonly delaySeconds: number;
  readonly waitSeconds: number;
  readonly redrive?: Redrive;
};

export type Message = {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly bytes: number;
  readonly attributes: MessageAttributes;
  readonly attributesMd5: string | undefined;
  readonly groupId: string | undefined;
  readonly sentAt: number;
  firstReceivedAt: number | undefined;
  receiveCount: number;
  /** Of the last receive; older receipts delete nothing. */
  receipt: string;
  /** Until it becomes visible: delayed, or received and not yet deleted. */
  hidden: Appointment | undefined;
};

/** An SQS standard queue in memory. Its order is that of becoming visible. */
export type Queue = {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly settings: QueueSettings;
  readonly agenda: Agenda;
  readonly visible: Message[];
  readonly received: Map<string, Message>;
  delayedCount: number;
  inFlightCount: number;
  readonly waiters: Waiter[];
  isServing: boolean;
};

/** A message as one receiver got it; what happens to it afterwards does not show. */
export type ReceivedMessage = Readonly<Omit<Message, "hidden">>;

type Waiter = { readonly request: ReceiveRequest; readonly answer: (messages: ReceivedMessage[]) => void };

export type OutgoingMessage = {
  body: string;
  delaySeconds?: number | undefined;
  groupId?: string | undefined;
  attributes?: MessageAttributes;
};

export type ReceiveRequest = {
  readonly max: number;
  /** 0 to 20; undefined waits until something comes or `signal` ends it. */
  readonly waitSeconds?: number | undefined;
  readonly visibilitySeconds?: number | undefined;
  /** Of the bodies and attributes together; the first message comes in any case. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
};

export const ACCOUNT_ID = "000000000000";
export const REGION = "us-east-1";

export function createQueue(name: string, agenda: Agenda, settings: Partial<QueueSettings> = {}): Queue {
  const complete = { visibilitySeconds: 30, delaySeconds: 0, waitSeconds: 0, ...settings };
  refuseVisibility(complete.visibilitySeconds);
  refuseDelay(complete.delaySeconds);
  refuseWait(complete.waitSeconds);
  return {
    name,
    url: `http://sqs.invalid/${ACCOUNT_ID}/${name}`,
    arn: `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`,
    settings: complete,
    agenda,
    visible: [],
    received: new Map(),
    delayedCount: 0,
    inFlightCount: 0,
    waiters: [],
    isServing: false,
  };
}

/** XML 1.0 characters, which is what SQS carries. */
const FORBIDDEN_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Takes a message; it can be received after its delay. */
export function sendMessage(queue: Queue, outgoing: OutgoingMessage): Message {
  const { body, groupId, attributes = {}, delaySeconds = queue.settings.delaySeconds } = outgoing;
  if (body === "") throw new AwsError("MissingParameter", "The request must contain the parameter MessageBody.");
  if (FORBIDDEN_CHARACTER.test(body)) throw new AwsError("InvalidMessageContents", "Invalid characters found.");
  const bytes = messageBytes(body, attributes);
  refuseMessageBytes(bytes);
  refuseDelay(delaySeconds);
  const now = queue.agenda.now();
  const message: Message = {
    id: randomUUID(),
    body,
    bodyMd5: hash("md5", body),
    bytes,
    attributes,
    attributesMd5: hashMessageAttributes(attributes),
    groupId,
    sentAt: now,
    firstReceivedAt: undefined,
    receiveCount: 0,
    receipt: "",
    hidden: undefined,
  };
  if (delaySeconds === 0) show(queue, message);
  else delay(queue, message, now + delaySeconds * 1_000);
  return message;
}

/** Up to `max` messages at once, or, when there is none, those that come first within the wait. */
export async function receiveMessages(queue: Queue, request: ReceiveRequest): Promise<ReceivedMessage[]> {
  const { waitSeconds, signal } = request;
  refuseReceiveSize(request.max);
  if (waitSeconds !== undefined) refuseWait(waitSeconds);
  if (request.visibilitySeconds !== undefined) refuseVisibility(request.visibilitySeconds);
  if (signal?.aborted) return [];
  // Whoever waits already comes first.
  const messages = queue.waiters.length > 0 ? [] : take(queue, request);
  if (messages.length > 0 || waitSeconds === 0) return messages;
  return new Promise((resolve) => {
    const giveUp = () => {
      const index = queue.waiters.indexOf(waiter);
      if (index >= 0) queue.waiters.splice(index, 1);
      waiter.answer([]);
    };
    const deadline = waitSeconds === undefined ? undefined : queue.agenda.at(queue.agenda.now() + waitSeconds * 1_000, giveUp);
    const answer = (received: ReceivedMessage[]) => {
      if (deadline !== undefined) queue.agenda.cancel(deadline);
      signal?.removeEventListener("abort", giveUp);
      resolve(received);
    };
    const waiter: Waiter = { request, answer };
    signal?.addEventListener("abort", giveUp, { once: true });
    queue.waiters.push(waiter);
  });
}

/** Also deletes a message that became visible again, unless somebody received it since. */
export function deleteMessage(queue: Queue, receipt: string): void {
  const message = queue.received.get(receipt);
  if (message === undefined) return;
  queue.received.delete(receipt);
  if (isInFlight(queue, message)) return;
  const index = queue.visible.indexOf(message);
  if (index >= 0) queue.visible.splice(index, 1);
}

export function changeVisibility(queue: Queue, receipt: string, seconds: number): void {
  refuseVisibility(seconds);
  const message = queue.received.get(receipt);
  if (message === undefined || !isInFlight(queue, message)) {
    throw new AwsError("MessageNotInflight", "Message does not exist or is not available for visibility timeout change.");
  }
  if (seconds === 0) show(queue, message);
  else hide(queue, message, seconds);
}

export function countMessages(queue: Queue): { visible: number; inFlight: number; delayed: number } {
  return { visible: queue.visible.length, inFlight: queue.inFlightCount, delayed: queue.delayedCount };
}

/** True for a message that was in flight, and then it no longer is. */
function isInFlight(queue: Queue, message: Message): boolean {
  if (message.hidden === undefined) return false;
  queue.agenda.cancel(message.hidden);
  message.hidden = undefined;
  queue.inFlightCount -= 1;
  return true;
}

function show(queue: Queue, message: Message): void {
  message.hidden = undefined;
  queue.visible.push(message);
  if (queue.waiters.length === 0 || queue.isServing) return;
  queue.isServing = true;
  // A turn later, so that messages sent one by one in the same turn are received together.
  setImmediate(serveWaiters, queue);
}

function serveWaiters(queue: Queue): void {
  queue.isServing = false;
  while (queue.visible.length > 0) {
    const waiter = queue.waiters.shift();
    if (waiter === undefined) return;
    const messages = take(queue, waiter.request);
    if (messages.length > 0) waiter.answer(messages);
    else queue.waiters.push(waiter);
  }
}

function delay(queue: Queue, message: Message, until: number): void {
  queue.delayedCount += 1;
  queue.agenda.at(until, () => {
    queue.delayedCount -= 1;
    show(queue, message);
  });
}

function hide(queue: Queue, message: Message, seconds: number): void {
  queue.inFlightCount += 1;
  message.hidden = queue.agenda.at(queue.agenda.now() + seconds * 1_000, () => {
    queue.inFlightCount -= 1;
    show(queue, message);
  });
}

function take(queue: Queue, request: ReceiveRequest): ReceivedMessage[] {
  const { max, maxBytes = Number.POSITIVE_INFINITY, visibilitySeconds = queue.settings.visibilitySeconds } = request;
  const taken: Message[] = [];
  let bytes = 0;
  let looked = 0;
  for (const message of queue.visible) {
    if (taken.length === max || (taken.length > 0 && bytes + message.bytes > maxBytes)) break;
    looked += 1;
    if (isSpent(queue, message)) continue;
    bytes += message.bytes;
    taken.push(message);
  }
  queue.visible.splice(0, looked);
  const now = queue.agenda.now();
  return taken.map((message) => {
    queue.received.delete(message.receipt);
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    message.receipt = `${message.id}/${message.receiveCount}`;
    queue.received.set(message.receipt, message);
    if (visibilitySeconds === 0) show(queue, message);
    else hide(queue, message, visibilitySeconds);
    return { ...message };
  });
}

/** A message received too often goes to the dead-letter queue instead of to the receiver. */
function isSpent(queue: Queue, message: Message): boolean {
  const { redrive } = queue.settings;
  if (redrive === undefined || message.receiveCount < redrive.maxReceiveCount) return false;
  queue.received.delete(message.receipt);
  message.receipt = "";
  show(redrive.deadLetterQueue, message);
  return true;
}

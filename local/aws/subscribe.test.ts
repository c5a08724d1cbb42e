import type { SQSEvent } from "aws-lambda";
import { expect, it } from "vitest";
import { createAgenda } from "./agenda.ts";
import { createManualClock } from "./clock.ts";
import { countMessages, createQueue, type QueueSettings, sendMessage } from "./queue.ts";
import { type SubscriptionSettings, subscribe } from "./subscribe.ts";

it("delivers what was sent in one turn as one event of at most ten records", async () => {
  const { queue, deliveries } = listen({ maxConcurrency: 2 });

  for (let index = 0; index < 12; index++) sendMessage(queue, { body: `${index}`, groupId: "tenant" });
  const [first, second] = [await deliveries.next(), await deliveries.next()];

  expect(bodies(first.event)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  expect(bodies(second.event)).toEqual(["10", "11"]);
  expect(first.event.Records[0]).toMatchObject({
    eventSource: "aws:sqs",
    eventSourceARN: queue.arn,
    attributes: { ApproximateReceiveCount: "1", MessageGroupId: "tenant" },
  });
});

it("keeps no more batches in the handler than its concurrency allows", async () => {
  const { queue, deliveries } = listen({ maxConcurrency: 2, batchSize: 1 });

  for (const body of ["a", "b", "c"]) sendMessage(queue, { body });
  const [first, second] = [await deliveries.next(), await deliveries.next()];
  const held = countMessages(queue);
  first.succeed();
  const third = await deliveries.next();

  expect(held).toMatchObject({ visible: 1, inFlight: 2 });
  expect([first, second, third].map(({ event }) => bodies(event)[0])).toEqual(["a", "b", "c"]);
});

it("deletes what was handled and delivers only the named failures again, after the visibility timeout", async () => {
  const { queue, clock, deliveries } = listen({ maxConcurrency: 1 }, { visibilitySeconds: 30 });
  for (const body of ["good", "bad"]) sendMessage(queue, { body });

  const first = await deliveries.next();
  first.succeed({ batchItemFailures: [{ itemIdentifier: first.event.Records[1]?.messageId }] });
  await settled();
  const between = countMessages(queue);
  clock.advance(30_000);
  const again = await deliveries.next();

  expect(between).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  expect(bodies(again.event)).toEqual(["bad"]);
  expect(again.event.Records[0]?.attributes.ApproximateReceiveCount).toBe("2");
});

it.each([
  ["throws", (delivery: Delivery) => delivery.fail(new Error("broken"))],
  ["names a message that was not in the batch", (delivery: Delivery) => delivery.succeed({ batchItemFailures: [{ itemIdentifier: "x" }] })],
  ["names a failure with an empty id", (delivery: Delivery) => delivery.succeed({ batchItemFailures: [{ itemIdentifier: "" }] })],
  ["names a failure under a wrong key", (delivery: Delivery) => delivery.succeed({ batchItemFailures: [{ id: "x" }] })],
])("delivers the whole batch again when the handler %s", async (_, answer) => {
  const failures: unknown[] = [];
  const { queue, clock, deliveries } = listen({ maxConcurrency: 1, onFailure: (error) => failures.push(error) }, { visibilitySeconds: 30 });
  for (const body of ["a", "b"]) sendMessage(queue, { body });

  answer(await deliveries.next());
  await settled();
  clock.advance(30_000);
  const again = await deliveries.next();

  expect(bodies(again.event)).toEqual(["a", "b"]);
  expect(failures).toHaveLength(1);
});

it.each([[undefined], [null], [{}], [{ batchItemFailures: null }], [{ batchItemFailures: [] }]])(
  "takes the answer %j as success",
  async (answer) => {
    const { queue, deliveries } = listen({ maxConcurrency: 1 });
    sendMessage(queue, { body: "a" });

    (await deliveries.next()).succeed(answer);
    await settled();

    expect(countMessages(queue)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  },
);

it("buries a message that keeps failing, under its own id", async () => {
  const clock = createManualClock();
  const agenda = createAgenda(clock);
  const deadLetterQueue = createQueue("dead", agenda);
  const { queue, deliveries } = listen(
    { maxConcurrency: 1 },
    { visibilitySeconds: 1, redrive: { deadLetterQueue, maxReceiveCount: 2 } },
    clock,
  );
  const { id } = sendMessage(queue, { body: "poison" });

  for (let attempt = 0; attempt < 2; attempt++) {
    (await deliveries.next()).fail(new Error("broken"));
    await settled();
    clock.advance(1_000);
  }
  await settled();

  expect(countMessages(queue)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  expect(deadLetterQueue.visible.map((message) => message.id)).toEqual([id]);
});

it("does not delete a message that a later receiver got because the handler took too long", async () => {
  const { queue, clock, deliveries } = listen({ maxConcurrency: 2 }, { visibilitySeconds: 30 });
  sendMessage(queue, { body: "a" });

  const slow = await deliveries.next();
  clock.advance(30_000);
  const second = await deliveries.next();
  slow.succeed();
  await settled();
  const afterSlow = countMessages(queue);
  second.succeed();
  await settled();

  expect(afterSlow.inFlight).toBe(1);
  expect(countMessages(queue)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

it("splits a batch whose records would not fit into one invoke", async () => {
  const { queue, deliveries } = listen({ maxConcurrency: 2 });

  for (let index = 0; index < 7; index++) sendMessage(queue, { body: "x".repeat(1_048_576) });
  const [first, second] = [await deliveries.next(), await deliveries.next()];

  expect([first.event.Records.length, second.event.Records.length]).toEqual([6, 1]);
});

it("takes nothing more once stopped, and waits for what is in the handler", async () => {
  const { queue, deliveries, subscription } = listen({ maxConcurrency: 2, batchSize: 1 });
  sendMessage(queue, { body: "in the handler" });
  const delivery = await deliveries.next();

  let isStopped = false;
  const stopping = subscription.stop().then(() => (isStopped = true));
  sendMessage(queue, { body: "left" });
  await settled();
  const stoppedEarly = isStopped;
  delivery.succeed();
  await stopping;

  expect(stoppedEarly).toBe(false);
  expect(countMessages(queue)).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
});

type Delivery = { event: SQSEvent; succeed(answer?: unknown): void; fail(error: Error): void };

function listen(settings: SubscriptionSettings, queueSettings: Partial<QueueSettings> = {}, clock = createManualClock()) {
  const queue = createQueue("work", createAgenda(clock), queueSettings);
  const deliveries = createMailbox<Delivery>();
  const handler = (event: SQSEvent) => new Promise<unknown>((resolve, reject) => deliveries.put({ event, succeed: resolve, fail: reject }));
  return { queue, clock, deliveries, subscription: subscribe(queue, handler, settings) };
}

/** Hands over what came, in order, to whoever asks next. */
function createMailbox<Item>() {
  const items: Item[] = [];
  const askers: ((item: Item) => void)[] = [];
  return {
    put(item: Item) {
      const asker = askers.shift();
      if (asker === undefined) items.push(item);
      else asker(item);
    },
    async next(): Promise<Item> {
      const item = items.shift();
      return item ?? new Promise((resolve) => askers.push(resolve));
    },
  };
}

/** Lets everything that is already decided happen. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
}

function bodies(event: SQSEvent): string[] {
  return event.Records.map((record) => record.body);
}

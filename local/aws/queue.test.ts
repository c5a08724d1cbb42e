import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createAgenda } from "./agenda.ts";
import { createManualClock } from "./clock.ts";
import {
  changeVisibility,
  countMessages,
  createQueue,
  deleteMessage,
  type ReceivedMessage,
  receiveMessages,
  sendMessage,
} from "./queue.ts";

const Step = fc.oneof(
  fc.record({ kind: fc.constant("send" as const), delaySeconds: fc.integer({ min: 0, max: 5 }) }),
  fc.record({
    kind: fc.constant("receive" as const),
    max: fc.integer({ min: 1, max: 10 }),
    visibilitySeconds: fc.integer({ min: 0, max: 5 }),
  }),
  fc.record({ kind: fc.constant("delete" as const), index: fc.nat() }),
  fc.record({ kind: fc.constant("advance" as const), seconds: fc.integer({ min: 0, max: 6 }) }),
);

it("neither loses nor multiplies a message, and hands out none that is hidden, whatever is done in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Step, { maxLength: 80 }), async (steps) => {
      const clock = createManualClock();
      const queue = createQueue("work", createAgenda(clock));
      const alive = new Set<string>();
      const wrong: ReceivedMessage[] = [];
      const hiddenUntil = new Map<string, number>();
      const receipts: { id: string; receipt: string }[] = [];
      for (const step of steps) {
        if (step.kind === "send") {
          const { id } = sendMessage(queue, { body: "x", delaySeconds: step.delaySeconds });
          alive.add(id);
          hiddenUntil.set(id, clock.now() + step.delaySeconds * 1_000);
        } else if (step.kind === "receive") {
          const { max, visibilitySeconds } = step;
          for (const message of await receiveMessages(queue, { max, visibilitySeconds, waitSeconds: 0 })) {
            if (!alive.has(message.id) || (hiddenUntil.get(message.id) ?? 0) > clock.now()) wrong.push(message);
            hiddenUntil.set(message.id, clock.now() + visibilitySeconds * 1_000);
            receipts.push({ id: message.id, receipt: message.receipt });
          }
        } else if (step.kind === "delete") {
          const chosen = receipts[step.index % Math.max(1, receipts.length)];
          if (chosen === undefined) continue;
          const isNewest = receipts.findLast(({ id }) => id === chosen.id) === chosen;
          deleteMessage(queue, chosen.receipt);
          if (isNewest) alive.delete(chosen.id);
        } else clock.advance(step.seconds * 1_000);
        const { visible, inFlight, delayed } = countMessages(queue);
        expect(visible + inFlight + delayed).toBe(alive.size);
      }
      expect(wrong).toEqual([]);
    }),
  );
});

it("refuses a delay, a wait and a visibility timeout that SQS refuses", async () => {
  const { queue } = open();

  expect(() => sendMessage(queue, { body: "x", delaySeconds: 901 })).toThrow("between 0 and 900");
  expect(() => createQueue("slow", queue.agenda, { delaySeconds: 901 })).toThrow("between 0 and 900");
  await expect(receiveMessages(queue, { max: 1, waitSeconds: 21 })).rejects.toThrow("between 0 and 20");
  await expect(receiveMessages(queue, { max: 1, visibilitySeconds: 43_201 })).rejects.toThrow("between 0 and 43200");
  await expect(receiveMessages(queue, { max: 11 })).rejects.toThrow("between 1 and 10");
});

it("carries every character of XML and no other", () => {
  const { queue } = open();

  expect(sendMessage(queue, { body: "tab\t grün 😀" }).body).toBe("tab\t grün 😀");
  for (const body of ["\u0000", "\u001b", "\ud83d", "\uffff"]) {
    expect(() => sendMessage(queue, { body })).toThrow(expect.objectContaining({ code: "InvalidMessageContents" }));
  }
  expect(() => sendMessage(queue, { body: "" })).toThrow(expect.objectContaining({ code: "MissingParameter" }));
});

it("deletes a message by its last receipt even after it became visible again, and not by an older one", async () => {
  const { queue, clock, receive } = open();
  sendMessage(queue, { body: "a" });
  const first = await receive();
  clock.advance(30_000);
  const second = await receive();
  clock.advance(30_000);

  deleteMessage(queue, first?.receipt ?? "");
  const afterOld = countMessages(queue).visible;
  deleteMessage(queue, second?.receipt ?? "");

  expect(afterOld).toBe(1);
  expect(countMessages(queue).visible).toBe(0);
});

it("hides a message for longer when its visibility is changed in flight", async () => {
  const { queue, clock, receive } = open();
  sendMessage(queue, { body: "a" });
  const message = await receive();

  changeVisibility(queue, message?.receipt ?? "", 60);
  clock.advance(59_999);
  const early = await receive();
  clock.advance(1);

  expect(early).toBeUndefined();
  expect((await receive())?.id).toBe(message?.id);
});

it("serves those who wait in the order they came, before anyone who comes later", async () => {
  const { queue } = open();
  const served: string[] = [];
  const wait = (name: string) => receiveMessages(queue, { max: 1 }).then(() => served.push(name));

  const waiting = [wait("first"), wait("second")];
  for (const body of ["a", "b", "c"]) sendMessage(queue, { body });
  const late = receiveMessages(queue, { max: 10, waitSeconds: 20 });
  await Promise.all(waiting);

  expect(served).toEqual(["first", "second"]);
  expect((await late).map((message) => message.body)).toEqual(["c"]);
});

it("ends a wait that was called off and keeps the messages for others", async () => {
  const { queue, receive } = open();
  const calling = new AbortController();
  const waiting = receiveMessages(queue, { max: 1, signal: calling.signal });

  calling.abort();
  sendMessage(queue, { body: "a" });

  expect(await waiting).toEqual([]);
  expect((await receive())?.body).toBe("a");
});

function open() {
  const clock = createManualClock();
  const queue = createQueue("work", createAgenda(clock));
  const receive = async (): Promise<ReceivedMessage | undefined> => (await receiveMessages(queue, { max: 1, waitSeconds: 0 }))[0];
  return { clock, queue, receive };
}

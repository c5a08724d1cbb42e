import { expect, test } from "vitest";
import { createIntake } from "./intake.ts";

/** A process whose batches are on the wire until `land` lets the oldest of them through. */
function onTheWire() {
  const batches: { items: readonly number[]; land: () => void }[] = [];
  const process = (items: readonly number[]) =>
    new Promise<number[]>((resolve, reject) => {
      const land = () => (items.some((item) => item < 0) ? reject(new Error("a bad item")) : resolve(items.map((item) => item * 10)));
      batches.push({ items, land });
    });
  return { batches, process, sizes: () => batches.map((batch) => batch.items.length) };
}

const nextTurn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("what comes alone goes at once, and what comes while two batches are on the wire shares the next", async () => {
  const wire = onTheWire();
  const takeIn = createIntake(wire.process);
  const first = takeIn([1]);
  await nextTurn();
  const second = takeIn([2]);
  await nextTurn();
  const shared = [takeIn([3, 4]), takeIn([5])];
  await nextTurn();
  expect(wire.sizes()).toEqual([1, 1]);

  wire.batches[0]?.land();
  expect(await first).toEqual([10]);
  await nextTurn();
  expect(wire.sizes()).toEqual([1, 1, 3]);
  wire.batches[1]?.land();
  wire.batches[2]?.land();
  expect(await Promise.all([second, ...shared])).toEqual([[20], [30, 40], [50]]);
});

test("what comes in one turn of the event loop is one batch, up to its size", async () => {
  const wire = onTheWire();
  const takeIn = createIntake(wire.process);
  for (let item = 0; item < 150; item += 1) void takeIn([item]);
  await nextTurn();
  expect(wire.sizes()).toEqual([100, 50]);
});

test("who brought nothing bad does not fail with who did", async () => {
  const wire = onTheWire();
  const takeIn = createIntake(wire.process);
  const answers = Promise.allSettled([takeIn([1]), takeIn([-1]), takeIn([2])]);
  for (let batch = 0; batch < 4; batch += 1) {
    await nextTurn();
    wire.batches[batch]?.land();
  }
  expect(await answers).toEqual([
    { status: "fulfilled", value: [10] },
    { status: "rejected", reason: new Error("a bad item") },
    { status: "fulfilled", value: [20] },
  ]);
});

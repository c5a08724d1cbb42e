import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import { createAgenda } from "./agenda.ts";
import { createManualClock, systemClock } from "./clock.ts";

it("runs what is due in the order of its time, then of its entry, whatever was cancelled in between", () => {
  const plans = fc.array(fc.record({ delay: fc.nat({ max: 50 }), isCancelled: fc.boolean() }), { maxLength: 300 });
  fc.assert(
    fc.property(plans, fc.nat({ max: 60 }), (entries, elapsed) => {
      const clock = createManualClock(0);
      const agenda = createAgenda(clock);
      const happened: number[] = [];
      const appointments = entries.map(({ delay }, index) => agenda.at(delay, () => happened.push(index)));
      for (const [index, appointment] of appointments.entries()) if (entries[index]?.isCancelled) agenda.cancel(appointment);

      clock.advance(elapsed);

      const expected = entries
        .map((entry, index) => ({ ...entry, index }))
        .filter(({ delay, isCancelled }) => !isCancelled && delay <= elapsed)
        .toSorted((left, right) => left.delay - right.delay || left.index - right.index);
      expect(happened).toEqual(expected.map(({ index }) => index));
    }),
  );
});

it("arms the clock for the earliest appointment only", () => {
  const armedFor: number[] = [];
  const agenda = createAgenda({
    now: () => 0,
    wakeAt(at) {
      armedFor.push(at);
      return () => {};
    },
  });

  for (const dueAt of [50, 70, 30, 90]) agenda.at(dueAt, () => {});

  expect(armedFor).toEqual([50, 30]);
});

it("goes on after an action that throws", () => {
  const clock = createManualClock(0);
  const agenda = createAgenda(clock);
  const happened: string[] = [];
  agenda.at(1, () => {
    throw new Error("broken");
  });
  agenda.at(2, () => happened.push("second"));

  expect(() => clock.advance(1)).toThrow("broken");
  clock.advance(1);

  expect(happened).toEqual(["second"]);
});

it("takes appointments further away than a timer of Node can hold", () => {
  vi.useFakeTimers();
  try {
    const agenda = createAgenda(systemClock);
    const happened = vi.fn<() => void>();
    const days = 24 * 3_600_000;
    agenda.at(Date.now() + 40 * days, happened);

    vi.advanceTimersByTime(39 * days);
    const tooEarly = happened.mock.calls.length;
    vi.advanceTimersByTime(1 * days);

    expect(tooEarly).toBe(0);
    expect(happened).toHaveBeenCalledOnce();
  } finally {
    vi.useRealTimers();
  }
});

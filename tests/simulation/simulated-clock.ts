import type { Clock } from "../../local/aws/clock.ts";

export type SimulatedClock = Clock & {
  /** Rings every alarm on the way. */
  advanceTo(time: number): void;
  /** When the next alarm rings; Infinity: never. */
  nextAlarm(): number;
};

/** A clock that stands still until it is advanced. Milliseconds since the epoch. */
export function createSimulatedClock(start: number): SimulatedClock {
  let now = start;
  const alarms = new Set<{ at: number; action: () => void }>();
  const earliest = () => [...alarms].toSorted((left, right) => left.at - right.at)[0];
  return {
    now: () => now,
    wakeAt(at, action) {
      const alarm = { at, action };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    nextAlarm: () => earliest()?.at ?? Infinity,
    advanceTo(time) {
      for (let next = earliest(); next !== undefined && next.at <= time; next = earliest()) {
        alarms.delete(next);
        now = Math.max(now, next.at);
        next.action();
      }
      now = Math.max(now, time);
    },
  };
}

/** Time as the embedded services see it, so that tests can move it. Milliseconds since the epoch. */
export type Clock = {
  now(): number;
  /** Runs `action` once `at` is reached; the result takes it back. */
  wakeAt(at: number, action: () => void): () => void;
};

/** Node's timers hold 31 bits of milliseconds; longer waits are slept in pieces by whoever armed them. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Never keeps the process alive by itself. */
export const systemClock: Clock = {
  now: () => Date.now(),
  wakeAt(at, action) {
    const timer = setTimeout(action, Math.min(Math.max(at - Date.now(), 0), LONGEST_TIMER));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until a test advances it. */
export function createManualClock(start = Date.UTC(2026, 0, 1)): Clock & { advance(milliseconds: number): void } {
  let now = start;
  const alarms = new Set<{ at: number; action: () => void }>();
  return {
    now: () => now,
    wakeAt(at, action) {
      const alarm = { at, action };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const [next] = [...alarms].filter((alarm) => alarm.at <= end).toSorted((left, right) => left.at - right.at);
        if (next === undefined) break;
        alarms.delete(next);
        now = Math.max(now, next.at);
        next.action();
      }
      now = end;
    },
  };
}

import type { Clock } from "./clock.ts";

export type Appointment = { readonly dueAt: number; readonly order: number; action: (() => void) | undefined };

/**
 * Everything that is to happen later (messages becoming visible, deadlines, retries) behind one timer: the clock is only armed for
 * the earliest, so nothing ticks while nothing is due. A heap, because messages and deadlines come and go by the thousand.
 */
export type Agenda = {
  readonly now: () => number;
  /** @param dueAt milliseconds since the epoch */
  at(dueAt: number, action: () => void): Appointment;
  cancel(appointment: Appointment): void;
  /** Forgets everything. */
  clear(): void;
};

export function createAgenda(clock: Clock): Agenda {
  let heap: Appointment[] = [];
  let armed: { at: number; disarm: () => void } | undefined;
  let order = 0;
  let cancelled = 0;

  function arm(): void {
    const next = heap[0];
    if (armed !== undefined && next !== undefined && armed.at <= next.dueAt) return;
    armed?.disarm();
    armed = next === undefined ? undefined : { at: next.dueAt, disarm: clock.wakeAt(next.dueAt, fire) };
  }

  function fire(): void {
    armed = undefined;
    const now = clock.now();
    try {
      for (let next = heap[0]; next !== undefined && (next.dueAt <= now || next.action === undefined); next = heap[0]) {
        popEarliest(heap);
        const { action } = next;
        next.action = undefined;
        if (action === undefined) cancelled -= 1;
        else action();
      }
    } finally {
      arm();
    }
  }

  return {
    now: clock.now,
    at(dueAt, action) {
      order += 1;
      const appointment: Appointment = { dueAt, order, action };
      push(heap, appointment);
      arm();
      return appointment;
    },
    cancel(appointment) {
      if (appointment.action === undefined) return;
      appointment.action = undefined;
      cancelled += 1;
      if (cancelled < 64 || cancelled * 2 < heap.length) return;
      heap = heap.filter((entry) => entry.action !== undefined).toSorted(compare);
      cancelled = 0;
      arm();
    },
    clear() {
      for (const appointment of heap) appointment.action = undefined;
      heap = [];
      cancelled = 0;
      arm();
    },
  };
}

function compare(left: Appointment, right: Appointment): number {
  return left.dueAt - right.dueAt || left.order - right.order;
}

function push(heap: Appointment[], appointment: Appointment): void {
  let index = heap.length;
  heap.push(appointment);
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || compare(parent, appointment) <= 0) break;
    heap[index] = parent;
    heap[above] = appointment;
    index = above;
  }
}

function popEarliest(heap: Appointment[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = heap[2 * index + 1];
    if (left === undefined) break;
    const right = heap[2 * index + 2];
    const [child, at] = right !== undefined && compare(right, left) < 0 ? [right, 2 * index + 2] : [left, 2 * index + 1];
    if (compare(last, child) <= 0) break;
    heap[index] = child;
    index = at;
  }
  heap[index] = last;
}

/** One of those who work at the same time: a conductor, a hand, a person. Each dies alone; one that is safe does not by itself. */
export type Worker = { readonly name: string; isDead: boolean; readonly isSafe: boolean };

/** The rest of a worker that was killed: nothing it would still do may happen. */
export class WorkerKilled extends Error {
  override readonly name = "WorkerKilled";
}

/** A worker that has come to a point where others may go first. */
export type Turn = { readonly worker: Worker; readonly point: string; readonly canGo: () => boolean; readonly resume: () => void };

export type Scheduler = {
  /** Who waits to go on. */
  readonly waiting: readonly Turn[];
  /** Waits until somebody lets this worker go on. @throws WorkerKilled when it has died meanwhile */
  waitForTurn(worker: Worker, point: string, canGo?: () => boolean): Promise<void>;
  start(work: () => Promise<void>): void;
  goOn(turn: Turn): void;
  /** Until every worker waits for its turn or has ended. */
  untilIdle(): Promise<void>;
};

/**
 * Lets one worker go on at a time, from one point to the next. Who goes when is decided by whoever calls `goOn`, so a seed decides the whole
 * interleaving.
 */
export function createScheduler(): Scheduler {
  const waiting: Turn[] = [];
  let active = 0;
  let tellIdle = () => {};
  const leave = () => {
    active -= 1;
    if (active === 0) tellIdle();
  };
  return {
    waiting,
    async waitForTurn(worker, point, canGo = () => true) {
      await new Promise<void>((resume) => {
        waiting.push({ worker, point, canGo, resume });
        leave();
      });
      if (worker.isDead) throw new WorkerKilled(worker.name);
    },
    start(work) {
      active += 1;
      void work().finally(leave);
    },
    goOn(turn) {
      waiting.splice(waiting.indexOf(turn), 1);
      active += 1;
      turn.resume();
    },
    async untilIdle() {
      if (active === 0) return;
      await new Promise<void>((resolve) => {
        tellIdle = resolve;
      });
    },
  };
}

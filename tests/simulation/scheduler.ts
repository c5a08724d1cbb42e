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
  goOn(turn: Turn): void;
  /** A worker has begun a statement, or one has ended. */
  begin(worker: Worker): void;
  end(worker: Worker): void;
  /** Whether a statement waits for a lock, once all is idle. */
  hasBlocked(): boolean;
  /** Until nothing is under way but what waits for a lock, and everybody has come to a point where it waits. */
  untilIdle(): Promise<void>;
};

/** Turns of the event loop without any move after which nobody moves any more. */
const QUIET_TURNS = 3;

/** Turns after which a statement that is still under way may be one that waits for a lock. */
const PATIENT_TURNS = 200;

/**
 * Lets one worker go on at a time, from one point to the next. Who goes when is decided by whoever calls `goOn`, so a seed decides the whole
 * interleaving.
 */
export function createScheduler(workers: ReadonlySet<Worker>, countBlocked: () => Promise<number>): Scheduler {
  const waiting: Turn[] = [];
  const statements: Worker[] = [];
  let moves = 0;
  /** One that neither waits nor has sent a statement does what nobody sees, such as to load a module. */
  const isHidden = (worker: Worker) => !statements.includes(worker) && !waiting.some((turn) => turn.worker === worker);
  return {
    waiting,
    async waitForTurn(worker, point, canGo = () => true) {
      moves += 1;
      await new Promise<void>((resume) => void waiting.push({ worker, point, canGo, resume }));
      if (worker.isDead) throw new WorkerKilled(worker.name);
    },
    goOn(turn) {
      moves += 1;
      waiting.splice(waiting.indexOf(turn), 1);
      turn.resume();
    },
    begin(worker) {
      moves += 1;
      statements.push(worker);
    },
    end(worker) {
      moves += 1;
      statements.splice(statements.indexOf(worker), 1);
    },
    hasBlocked: () => statements.length > 0,
    async untilIdle() {
      for (let quiet = 0, turns = 0; quiet < QUIET_TURNS; turns += 1) {
        const before = moves;
        await new Promise<void>((resolve) => void setImmediate(resolve));
        const isStill = moves === before && ![...workers].some(isHidden);
        const isBlocked = isStill && statements.length > 0 && turns > PATIENT_TURNS && (await countBlocked()) >= statements.length;
        quiet = isStill && (statements.length === 0 || isBlocked) ? quiet + 1 : 0;
      }
    },
  };
}

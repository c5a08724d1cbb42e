import type { FunctionEntry } from "./function-table.ts";

export type QueueSettings = {
  /** The function that its messages are handed to. */
  readonly consumer: FunctionEntry;
  /** How many batches are handled at once. Few consumers make fuller batches, and each holds a database connection. */
  readonly maxConcurrency: number;
  readonly batchSize: number;
  /** Of effects: how many of a batch their hand carries out at once, and how long one may take. */
  readonly hand?: { readonly atOnce: number; readonly effectSeconds: number };
  /** Until a message that nobody finished comes back: longer than its function can run. */
  readonly visibilitySeconds: number;
  /** Where a message goes that was received too often; its own dead letters, unless another queue of the table takes them up. */
  readonly givesUpTo?: "control";
  /** Deliveries after which a message is given up. */
  readonly maxReceives?: number;
};

/** After so many deliveries a message goes to the queue's dead letters. */
export const MAX_RECEIVES = 5;

/** Between a function's timeout and the return of its messages. */
export const VISIBILITY_MARGIN_SECONDS = 30;

/**
 * Every queue. What is given up lies among the dead letters of its queue, for a person; effects that nobody could take over are failed by the
 * conductor instead. Messages carry ids; the kind of one follows from its queue.
 */
export const queueTable = {
  /**
   * Phases of the state machine, hints of HTTP functions, watchdogs, ended executions, and effects that no hand could take over. SQS may go on
   * counting deliveries where the queue before stopped, so there are twice as many here.
   */
  control: { consumer: "orchestrator/conductor", maxConcurrency: 5, batchSize: 10, visibilitySeconds: 120, maxReceives: 2 * MAX_RECEIVES },
  /** What hands report. */
  results: { consumer: "orchestrator/conductor", maxConcurrency: 5, batchSize: 10, visibilitySeconds: 120 },
  "effects-llm": {
    consumer: "ai-runtime/llm-worker",
    maxConcurrency: 10,
    batchSize: 10,
    visibilitySeconds: 930,
    givesUpTo: "control",
    // Mostly waiting: all of a batch wait together.
    hand: { atOnce: 10, effectSeconds: 240 },
  },
  "effects-tool": {
    consumer: "tool-runner/tool-worker",
    maxConcurrency: 5,
    batchSize: 10,
    visibilitySeconds: 330,
    givesUpTo: "control",
    // The longest is a program: its own 30 s, and 60 s for its environment to come up.
    hand: { atOnce: 5, effectSeconds: 90 },
  },
} as const satisfies Readonly<Record<string, QueueSettings>>;

export type QueueName = keyof typeof queueTable;

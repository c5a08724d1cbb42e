import type { TokenUsage } from "../effects/contract.ts";
import type { EffectKind } from "../effects/contracts/effect.ts";
import type { LlmRequest } from "../llm/contract.ts";
import type { Database } from "../platform/db/database.ts";
import type { Charge, PhaseDue } from "./domain/batch.ts";
import type { ClaimedRow } from "./sql/claim-effects.ts";
import type { StartingTasks } from "./start/starting-tasks.ts";

/**
 * What a run's watchdog carries to itself. `seq` names its chain: only the newest counts. A run that waits for nobody but a person sleeps:
 * until `wake_at` (ISO 8601) the message is sent on, and its phase's `token` kept alive, without a look at the database.
 */
export type WatchdogCall = { run_id: string; seq: number; wake_at?: string | undefined; token?: string | undefined };

export type FoundExecution = {
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  error?: string | undefined;
  cause?: string | undefined;
};

/** What is sent after a commit, and only after it. */
export type Outbox = {
  /** Ids of effects to the queue of their kind; `recall` goes to control, where the conductor answers it itself. */
  sendEffects(effects: readonly { effect_id: string; try: number; kind: string; workspace_id: string }[]): Promise<void>;
  /** The answer that a phase of the state machine waits for. A token that is no longer waited for counts as answered. */
  answerPhase(token: string, due: PhaseDue): Promise<void>;
  /** Tells the state machine that its phase is still being worked on, or waited for. False: nobody waits for this token any more. */
  heartbeatPhase(token: string): Promise<boolean>;
  /** What became of an execution, by its name; undefined: there is none of that name, or none any more. */
  findExecution(name: string): Promise<FoundExecution | undefined>;
  /** Starts the state machine for a run at its phase; a name that is already running counts as started. */
  startExecution(execution: {
    name: string;
    run_id: string;
    workspace_id: string;
    phase: string;
    timeout_seconds: number;
    replans_left: number;
  }): Promise<void>;
  stopExecution(name: string, cause: string): Promise<void>;
  sendWatchdog(message: WatchdogCall, delaySeconds: number): Promise<void>;
  /** Asks the conductor to look at a run, now or after a delay; the watchdog would a little later. */
  sendHint(runId: string, delaySeconds?: number): Promise<void>;
  /** A hint for readers of the event stream: the newest number of a run's log. May be lost. */
  hintEvents(runs: readonly { run_id: string; event_seq: number }[]): Promise<void>;
};

/** Exact prices. Null: the price is unknown, which is never zero. */
export type Prices = {
  worstCase(request: LlmRequest, inputBytes: number): bigint | null;
  charge(model: string, usage: TokenUsage): Charge;
  /** Makes sure that the prices of these models are known, as far as somebody knows them. Absent where all are known from the start. */
  learn?(models: readonly string[]): Promise<void>;
};

/** What creates, changes and ends runs. */
export type RunDeps = {
  db: Database;
  outbox: Outbox;
  newId: () => string;
  now: () => Date;
  /** Seconds between two looks at an active run. */
  watchdogSeconds: number;
  log: (message: string, fields: Record<string, unknown>) => void;
};

/** What leases effects out. */
export type LedgerDeps = {
  db: Database;
  now: () => Date;
  /** Seconds after which an unreported effect counts as lost. */
  leaseSeconds: number;
};

/** What the conductor's own process answers, instead of sending it to a queue. */
export type OwnHand = {
  answers(kind: EffectKind): boolean;
  /** Begins to answer effects that were created under its lease. Their reports are taken in as any hand's. */
  take(effects: readonly ClaimedRow[]): void;
  /** When all that was taken by now has been answered and taken in: a function that ends before may be frozen in the middle. */
  settled(): Promise<void>;
};

/**
 * What moves runs: it decides what comes next, and must know what that may cost. Effects that `ownHand` answers are created with their lease
 * taken, so they cost no claim and no message; without it every effect goes to a queue. `starting` is for who commits several batches at once.
 */
export type ConductorDeps = RunDeps &
  LedgerDeps & {
    prices: Prices;
    hashPrompt: (name: string, version: number) => string | undefined;
    ownHand?: OwnHand;
    starting?: StartingTasks;
  };

import type { Cache } from "../../platform/cache/cache.ts";
import type { Actor, Database } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import { isLastFact } from "../domain/events.ts";
import { type NumberedFact, readFacts } from "../sql/read-events.ts";
import { findRunState } from "../sql/read-run-state.ts";
import { eventHintKey } from "./event-hint.ts";

export type FollowDeps = {
  db: Database;
  /** Where hints are; opened by whoever has to wait for something. */
  openCache: () => Promise<Cache>;
  /** Milliseconds. */
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds between two looks at the hint. */
  pollEvery: number;
};

/** A segment ends before any proxy would end it; the client comes again from where it stands. */
export const SEGMENT = 55_000;
/** Hints may be lost: the log itself is read this often. */
const READ_EVERY = 10_000;
const COMMENT_EVERY = 15_000;

export type Follower = {
  actor: Actor & { role: "app" };
  runId: string;
  after: number;
  /** Number of the newest fact a moment ago, where that was read already. */
  newest?: number;
};

/** Whether a run exists for this reader, and whether there is nothing left to follow. */
export async function findFollowed(
  deps: Pick<FollowDeps, "db">,
  { actor, runId, after }: Follower,
): Promise<{ ended: boolean; readToEnd: boolean; newest: number }> {
  const state = await deps.db.transact(actor, (db) => findRunState(db, runId));
  if (state === undefined) throw notFound("The run");
  const ended = state.status === "completed" || state.status === "failed" || state.status === "cancelled";
  return { ended, readToEnd: ended && after >= state.event_seq, newest: state.event_seq };
}

/**
 * The facts after `after` as they are committed, for at most `duration` milliseconds, until the run's last fact or, with `once`, until
 * there is one. Looks at the cache's hint often and at the log only when the hint rose or time has passed; holds no connection between.
 */
export async function* watchFacts(deps: FollowDeps, follower: Follower, duration: number, once = false): AsyncGenerator<NumberedFact[]> {
  const end = deps.now() + duration;
  let after = follower.after;
  let readAt = (follower.newest ?? Number.POSITIVE_INFINITY) > after ? Number.NEGATIVE_INFINITY : deps.now();
  for (;;) {
    if (deps.now() - readAt >= READ_EVERY || (await readHint(deps, follower.runId)) > after) {
      readAt = deps.now();
      const facts = await readAfter(deps, follower, after);
      const last = facts.at(-1);
      if (last !== undefined) {
        after = last.number;
        yield facts;
        if (once || isOver(facts)) return;
      }
    }
    if (deps.now() >= end) return;
    await deps.sleep(Math.min(deps.pollEvery, Math.max(0, end - deps.now())));
  }
}

/** 0 when the cache knows nothing or does not answer. */
async function readHint({ openCache }: FollowDeps, runId: string): Promise<number> {
  try {
    const cache = await openCache();
    return Number((await cache.get(eventHintKey(runId))) ?? 0);
  } catch {
    return 0;
  }
}

function readAfter(deps: FollowDeps, { actor, runId }: Follower, after: number): Promise<NumberedFact[]> {
  return deps.db.transact(actor, (db) => readFacts(db, runId, after));
}

function isOver(facts: readonly NumberedFact[]): boolean {
  return facts.some(({ fact }) => isLastFact(fact.type));
}

/**
 * One segment of the event stream, as text. A client that reconnects sends the last number as Last-Event-ID. Of a run that has `ended`
 * everything is told at once: late answers may follow its last fact, but nothing is to be waited for.
 */
export async function* streamEvents(deps: FollowDeps, follower: Follower, ended: boolean): AsyncGenerator<string> {
  yield "retry: 500\n\n";
  if (ended) {
    yield* tellAll(deps, follower);
    return;
  }
  let spoken = deps.now();
  const end = deps.now() + SEGMENT;
  let after = follower.after;
  while (deps.now() < end) {
    for await (const facts of watchFacts(deps, { ...follower, after }, Math.min(COMMENT_EVERY, end - deps.now()))) {
      after = facts.at(-1)?.number ?? after;
      spoken = deps.now();
      yield facts.map(writeEvent).join("");
      if (isOver(facts)) return;
    }
    // Proxies close what is silent for long.
    if (deps.now() - spoken >= COMMENT_EVERY) {
      spoken = deps.now();
      yield ": still here\n\n";
    }
  }
}

async function* tellAll(deps: FollowDeps, follower: Follower): AsyncGenerator<string> {
  let { after } = follower;
  for (;;) {
    const facts = await readAfter(deps, follower, after);
    if (facts.length === 0) return;
    after = facts.at(-1)?.number ?? after;
    yield facts.map(writeEvent).join("");
  }
}

function writeEvent({ number, at, fact }: NumberedFact): string {
  return `id: ${number}\nevent: ${fact.type}\ndata: ${JSON.stringify({ number, at, ...fact })}\n\n`;
}

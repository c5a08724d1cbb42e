import { actorOf } from "../../auth/actor-of.ts";
import { bindStream } from "../../platform/api/handle-stream.ts";
import { followRun } from "../contracts/events.ts";
import { isLastFact } from "../domain/events.ts";
import type { NumberedFact } from "../sql/read-events.ts";
import { type FollowDeps, findFollowed, streamEvents, watchFacts } from "./follow-run.ts";

/** The log of a run: server-sent events, or with `wait` the same facts as one JSON answer. */
export function bindEvents(open: () => Promise<FollowDeps>) {
  return bindStream(followRun, async ({ identity, params, query, headers }) => {
    const deps = await open();
    const after = query.after ?? headers["last-event-id"] ?? 0;
    const reader = { actor: actorOf(identity), runId: params.run_id, after };
    const { ended, readToEnd, newest } = await findFollowed(deps, reader);
    const follower = { ...reader, newest };
    if (query.wait === undefined) return readToEnd ? { status: 204 } : { events: streamEvents(deps, follower, ended) };
    const facts: NumberedFact[] = [];
    if (!readToEnd) for await (const found of watchFacts(deps, follower, query.wait * 1_000, true)) facts.push(...found);
    const isOver = facts.length === 0 ? ended && readToEnd : facts.some(({ fact }) => isLastFact(fact.type));
    return { body: { facts: facts.map(({ number, at, fact }) => ({ number, at, ...fact })), ended: isOver } };
  });
}

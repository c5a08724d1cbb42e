import * as z from "zod";
import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../../platform/api/cursor.ts";
import type { Database, Queryable } from "../../platform/db/database.ts";
import { notFound } from "../../platform/errors.ts";
import { getScorecard, listScorecards, type Scorecard } from "../contracts/scorecards.ts";
import { scoreReviews, shareOf } from "../domain/score-agent.ts";
import { type OutcomesRow, type Period, type ReviewsRow, readOutcomes, readReviews } from "./sql.ts";

export function bindScorecards(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(getScorecard, async ({ identity, params, query: { from, to } }) => {
      const db = await openDb();
      const filter = { from, to, agentId: params.agent_id, after: undefined, limit: 1 };
      const [scorecard] = await db.transact(actorOf(identity), (connection) => readScorecards(connection, filter));
      if (scorecard === undefined) throw notFound("The agent");
      return { body: scorecard };
    }),
    bindRoute(listScorecards, async ({ identity, query: { from, to, limit, cursor } }) => {
      const after = decodeCursor(z.uuid(), cursor);
      const db = await openDb();
      const filter = { from, to, agentId: undefined, after, limit: limit + 1 };
      const scorecards = await db.transact(actorOf(identity), (connection) => readScorecards(connection, filter));
      return { body: cutPage(scorecards, limit, ({ id }) => id) };
    }),
  ];
}

async function readScorecards(db: Queryable, filter: Period & Parameters<typeof readOutcomes>[1]): Promise<Scorecard[]> {
  const outcomes = await readOutcomes(db, filter);
  const ids = outcomes.map(({ id }) => id);
  const reviews = await readReviews(db, ids, filter);
  return outcomes.map((row) =>
    viewScorecard(
      row,
      reviews.filter(({ agent_id }) => agent_id === row.id),
    ),
  );
}

function viewScorecard(row: OutcomesRow, reviews: readonly ReviewsRow[]): Scorecard {
  const { completed, failed } = row.attempts;
  return {
    ...row,
    success_rate: shareOf(completed, completed + failed),
    median_duration_seconds: row.median_duration_seconds ?? "unknown",
    cost_usd: row.cost_usd ?? "unknown",
    reviews: reviews.map(({ agent_id: _agent, ...counts }) => ({ ...counts, ...scoreReviews(counts) })),
  };
}

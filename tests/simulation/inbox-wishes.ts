import * as z from "zod";
import { decideInboxItem } from "../../shared/orchestration/approvals/decide-inbox-item.ts";
import { draftPayload } from "../../shared/orchestration/decide/draft.ts";
import type { Decision } from "../../shared/orchestration/domain/inbox/decide-item.ts";
import { type Asking, actorOf } from "./asking.ts";
import { goOn } from "./standing-still.ts";

const Item = z.object({
  id: z.string(),
  kind: z.enum(["approval", "question", "outcome"]),
  effect_id: z.string().nullable(),
  request_sha256: z.string().nullable(),
  subject: z.object({ scope: z.string().optional(), because: z.string().optional() }),
});
type Item = z.infer<typeof Item>;

/** A person decides something that waits for one, whatever it is; sometimes by what they did not see. */
export async function decideSomething(asking: Asking): Promise<void> {
  const { simulation, deps, goal } = asking;
  const { rows } = await deps.db.transact(actorOf(goal), (db) =>
    db.query("SELECT id, kind, effect_id, request_sha256, subject FROM inbox_items WHERE run_id = $1 AND state = 'open' ORDER BY id", [
      goal.runId,
    ]),
  );
  const [item] = simulation.random.shuffle(z.array(Item).parse(rows));
  if (item === undefined) return;
  const decision = drawDecision(asking, item);
  const decide = () => decideInboxItem(deps, actorOf(goal), item.id, decision);
  if (item.subject.because === "plan") {
    // Approved or not, the run goes on: with its plan, or with another.
    await goOn(simulation, goal.runId, decide);
  } else if (decision.verb !== "answer") {
    // Who says that it did not happen lets it be contacted once more.
    if (decision.verb === "resolve" && decision.outcome === "did-not-happen") simulation.leases.permit(item.effect_id ?? "");
    await decide();
  } else if (decision.answer === "cancel") {
    await decide();
    simulation.still.set(goal.runId, "cancelled");
  } else {
    await goOn(simulation, goal.runId, decide);
  }
}

function drawDecision({ simulation: { random, newId }, deps }: Asking, { kind, request_sha256, subject }: Item): Decision {
  switch (kind) {
    case "approval":
      if (random.chance(0.1)) return { verb: "reject", note: "no" };
      return { verb: "approve", request_sha256: random.chance(0.1) ? newId() : (request_sha256 ?? "") };
    case "question":
      if (random.chance(0.05)) return { verb: "answer", answer: "cancel", limit: undefined };
      if (random.chance(0.4)) return { verb: "answer", answer: "finish", limit: undefined };
      return { verb: "answer", answer: "raise", limit: subject.scope === "run" ? BigInt(random.integer(2_000, 9_000)) : undefined };
    case "outcome": {
      const outcome = random.pick(["happened", "did-not-happen", "give-up"] as const);
      return outcome === "happened"
        ? { verb: "resolve", outcome, result: draftPayload(deps, { tool: "seen" }) }
        : { verb: "resolve", outcome };
    }
  }
}

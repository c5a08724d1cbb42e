import type { ClaimedEffect, EffectMessage } from "../../effects/contract.ts";
import { LlmAnswer, LlmRequest, type Turn } from "../../llm/contract.ts";
import type { JsonObject, JsonValue } from "../../platform/json.ts";
import { ToolRequest } from "../../tools/contracts/tool-request.ts";
import type { LedgerDeps } from "../deps.ts";
import {
  type AnsweredEffect,
  type ClaimedRow,
  readAnsweredEffects,
  readPayloads,
  claimEffects as takeLeases,
} from "../sql/claim-effects.ts";

/**
 * Claims effects for a hand and renders their requests: the journal keeps references, a hand needs what they point at. Effects that are no
 * longer due are absent, and their messages are done.
 */
export async function claimForHands(deps: LedgerDeps, messages: readonly EffectMessage[]): Promise<ClaimedEffect[]> {
  return deps.db.transact({ role: "engine" }, async (db) => {
    const claimed = await takeLeases(db, messages, deps.leaseSeconds, deps.now());
    const calls = new Map(claimed.filter((row) => row.kind === "llm").map((row) => [row.effect_id, LlmRequest.parse(row.request)]));
    const inputs = [...calls.values()].flatMap((call) => call.inputs.flatMap((input) => input.result?.payload_id ?? []));
    const told = claimed.filter((row) => (calls.get(row.effect_id)?.turns.length ?? 0) > 0).map((row) => row.attempt_id);
    const bodies = inputs.length === 0 ? new Map<string, JsonValue>() : await readPayloads(db, inputs);
    const answered = told.length === 0 ? [] : await readAnsweredEffects(db, told);
    return claimed.map((row) => {
      const call = calls.get(row.effect_id);
      return {
        ...forHands(row),
        lease_seconds: deps.leaseSeconds,
        request: call === undefined ? row.request : renderCall(row, call, bodies, answered),
      };
    });
  });
}

/** Hands need not know whose run it is, nor which attempt. */
function forHands({ attempt_id: _attempt, user_id: _user, ...row }: ClaimedRow): Omit<ClaimedRow, "attempt_id" | "user_id"> {
  return row;
}

function renderCall(
  row: ClaimedRow,
  call: LlmRequest,
  bodies: ReadonlyMap<string, JsonValue>,
  answered: readonly AnsweredEffect[],
): JsonObject {
  const inputs = call.inputs.map(({ ordinal, name, result }) => ({
    ordinal,
    name,
    result: result === null ? null : (bodies.get(result.payload_id) ?? null),
  }));
  const journal = new Map(answered.filter((effect) => effect.attempt_id === row.attempt_id).map((effect) => [effect.seq, effect]));
  const turns = call.turns.flatMap((turn): Turn[] => {
    if ("correction" in turn) return [{ kind: "correction", text: turn.correction }];
    const effect = journal.get(turn.seq);
    return effect === undefined ? [] : [renderTurn(effect)];
  });
  return { ...call, inputs, turns };
}

function renderTurn(effect: AnsweredEffect): Turn {
  if (effect.kind === "tool") {
    const { call_id, tool } = ToolRequest.parse(effect.request);
    return {
      kind: "tool",
      call_id,
      name: tool,
      ok: effect.state === "done",
      output: effect.state === "done" ? effect.result : effect.error,
    };
  }
  const { text, tool_calls } = LlmAnswer.parse(effect.result);
  return { kind: "answer", text, tool_calls };
}

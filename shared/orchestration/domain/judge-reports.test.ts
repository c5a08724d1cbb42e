import { beforeEach, describe, expect, test } from "vitest";
import {
  claim,
  commit,
  createRows,
  effectOf,
  lockAll,
  newEffect,
  type Rows,
  reportOf,
  startOf,
  stepOf,
} from "../../../tests/world/rows.ts";
import type { EffectState } from "../../effects/contracts/effect.ts";
import type { Report } from "./batch.ts";
import { openBoard } from "./board.ts";
import { judgeReport } from "./judge-reports.ts";

let rows: Rows;
let token: string;
beforeEach(() => {
  rows = createRows({ limit: 1_000n });
  commit(rows, { starts: [startOf(rows, "a", [newEffect(rows, 0, { cost: 100n })])] });
  token = claim(rows, effectOf(rows, "a").id);
});

function verdictOf(report: Report): string {
  return judgeReport(openBoard(lockAll(rows), { now: new Date(rows.now), newId: rows.newId }), report);
}

describe("a report", () => {
  test.each<[EffectState, string]>([
    ["running", "ok"],
    ["unknown", "ok"],
    ["cancelled", "late"],
    ["done", "duplicate"],
    ["failed", "duplicate"],
    ["late", "duplicate"],
  ])("of an effect that is %s, by the holder of its lease, is %s", (state, verdict) => {
    const effect = effectOf(rows, "a");
    rows.effects.set(effect.id, { ...effect, state });

    expect(verdictOf(reportOf(rows, effect.id, token))).toBe(verdict);
  });

  test.each<EffectState>(["running", "unknown", "cancelled", "done", "due"])(
    "of an effect that is %s, by anybody else, is stale",
    (state) => {
      const effect = effectOf(rows, "a");
      rows.effects.set(effect.id, { ...effect, state });

      expect(verdictOf(reportOf(rows, effect.id, rows.newId()))).toBe("stale");
    },
  );

  test("of an effect that was sent again is stale, because its lease went with the try", () => {
    const effect = effectOf(rows, "a");
    rows.effects.set(effect.id, { ...effect, state: "due", try: 2, lease_token: null });

    expect(verdictOf(reportOf(rows, effect.id, token))).toBe("stale");
  });

  test("of an effect that nobody knows is unknown", () => {
    expect(verdictOf(reportOf(rows, rows.newId(), token))).toBe("unknown");
  });
});

describe("an answer", () => {
  const store = (report: Report) => commit(rows, { steps: [stepOf(rows, "a", [report], { kind: "effects", effects: [] })] });
  const spent = () => [...rows.budgets.values()].map((budget) => [budget.spent_nano, budget.held_nano]);

  test("is booked by its cost with the model that gave it", () => {
    store(reportOf(rows, effectOf(rows, "a").id, token, { cost: 60n }));

    expect(rows.usage).toMatchObject([{ model: "model", cost_nano: 60n, price_status: "priced", try: 1 }]);
    expect(rows.facts.at(-1)).toMatchObject({ type: "effect-answered", by: "model", cost_usd: "0.00000006" });
    expect(spent()).toEqual([
      [60n, 0n],
      [60n, 0n],
    ]);
  });

  test("of an unknown price is booked as unknown, never as zero, and costs its whole hold", () => {
    store(reportOf(rows, effectOf(rows, "a").id, token, { cost: null }));

    expect(rows.usage).toMatchObject([{ cost_nano: null, price_status: "unpriced" }]);
    expect(rows.facts.at(-1)).toMatchObject({ type: "effect-answered", cost_usd: null });
    expect(spent()).toEqual([
      [100n, 0n],
      [100n, 0n],
    ]);
  });

  test.each([
    ["that broke off costs its whole hold, for it may have been billed", "provider-unavailable", 100n],
    ["that its provider refused costs nothing", "provider-rejected", 0n],
    ["that the offline rules refused costs nothing", "unsupported_offline", 0n],
  ])("%s", (_, code, cost) => {
    store(reportOf(rows, effectOf(rows, "a").id, token, { outcome: { status: "failed", error: { code, detail: "", retryable: false } } }));

    expect(effectOf(rows, "a").state).toBe("failed");
    expect(spent()).toEqual([
      [cost, 0n],
      [cost, 0n],
    ]);
  });

  test("that was cut off is a failure, and what it cost is booked", () => {
    const outcome = { status: "failed" as const, error: { code: "answer-truncated", detail: "cut off", retryable: true } };
    store(reportOf(rows, effectOf(rows, "a").id, token, { outcome, cost: 70n }));

    expect(effectOf(rows, "a").state).toBe("failed");
    expect(rows.usage).toMatchObject([{ cost_nano: 70n }]);
  });
});

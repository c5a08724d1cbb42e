import { describe, expect, it } from "vitest";
import { toSqsEvent } from "../../../tests/services/kill/to-sqs-event.ts";
import { uuidv7 } from "../../platform/ids.ts";
import { setLogSink } from "../../platform/log/logger.ts";
import type { ClaimedEffect, EffectMessage } from "../contract.ts";
import { createEffectWorker, type EffectWorkerDeps } from "./carry-out-effects.ts";

setLogSink(() => undefined);

const toClaimed = ({ effect_id, try: attempt }: EffectMessage): ClaimedEffect => ({
  effect_id,
  try: attempt,
  lease_token: uuidv7(),
  lease_seconds: 90,
  kind: "tool",
  safety: "repeatable",
  workspace_id: uuidv7(),
  run_id: uuidv7(),
  task_id: uuidv7(),
  request: {},
});
const newMessages = (count: number): EffectMessage[] => Array.from({ length: count }, () => ({ effect_id: uuidv7(), try: 1 }));
const idsOf = (messages: readonly { effect_id: string }[]) => messages.map(({ effect_id }) => effect_id).toSorted();

function openWorker(claim: EffectWorkerDeps["claim"] = async (wanted) => wanted.map(toClaimed)) {
  const reported: { effect_id: string }[] = [];
  const work = createEffectWorker({
    claim,
    extend: async () => [],
    report: async (report) => void reported.push(report),
    carryOut: async () => ({ status: "done", result: 1 }),
    extendEverySeconds: 20,
    repeat: () => () => undefined,
    concurrency: 10,
  });
  return { reported, work };
}

describe("one bad message of ten", () => {
  const TOO_LARGE = { effect_id: uuidv7(), try: 1, filler: "x".repeat(1_000_000) };

  it.each<[string, unknown]>([
    ["that is no JSON", "{"],
    ["of another form", { effect: 1 }],
    ["of an absurd size", TOO_LARGE],
    ["with a try that cannot be", { effect_id: uuidv7(), try: -1 }],
  ])("%s is dropped, and the nine others are carried out", async (_, bad) => {
    const { reported, work } = openWorker();
    const messages = newMessages(9);

    expect(await work(toSqsEvent([...messages.slice(0, 4), bad, ...messages.slice(4)]))).toEqual({ batchItemFailures: [] });
    expect(idsOf(reported)).toEqual(idsOf(messages));
  });

  it.each([0, 4, 9])("whose effect nobody can claim comes back alone, wherever it stands (%i)", async (at) => {
    const messages = newMessages(10);
    const poison = messages[at]?.effect_id;
    const { reported, work } = openWorker(async (wanted) => {
      if (wanted.some(({ effect_id }) => effect_id === poison)) throw new Error("its request cannot be read");
      return wanted.map(toClaimed);
    });

    expect(await work(toSqsEvent(messages))).toEqual({ batchItemFailures: [{ itemIdentifier: String(at) }] });
    expect(idsOf(reported)).toEqual(idsOf(messages.filter(({ effect_id }) => effect_id !== poison)));
  });
});

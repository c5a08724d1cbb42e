import type { SQSEvent, SQSRecord } from "aws-lambda";
import { describe, expect, it, vi } from "vitest";
import { AppError } from "../../platform/errors.ts";
import { uuidv7 } from "../../platform/ids.ts";
import { setLogSink } from "../../platform/log/logger.ts";
import type { ClaimedEffect, EffectMessage, EffectOutcome, EffectReport } from "../contract.ts";
import { createEffectWorker, type EffectWorkerDeps } from "./carry-out-effects.ts";
import { REPORT_BYTES } from "./judge-outcome.ts";

setLogSink(() => undefined);

const toEvent = (bodies: readonly unknown[]): SQSEvent => ({
  Records: bodies.map(
    (body, index): SQSRecord => ({
      messageId: `message-${index}`,
      receiptHandle: "",
      body: typeof body === "string" ? body : JSON.stringify(body),
      attributes: { ApproximateReceiveCount: "1", SentTimestamp: "0", SenderId: "", ApproximateFirstReceiveTimestamp: "0" },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "",
      awsRegion: "us-east-1",
    }),
  ),
});

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
const DONE: EffectOutcome = { status: "done", result: 1 };

/** A worker whose ledger grants everything and whose clock is `tick`. */
function prepare(more: Partial<EffectWorkerDeps> = {}) {
  const seen = {
    claims: [] as EffectMessage[][],
    extensions: [] as string[][],
    reports: [] as EffectReport[],
    stopped: new Set<string>(),
    isTicking: false,
    tick: () => undefined as void,
  };
  const deps: EffectWorkerDeps = {
    claim: async (messages) => {
      seen.claims.push(messages);
      return messages.map(toClaimed);
    },
    extend: async (leases) => {
      seen.extensions.push(leases.map((lease) => lease.effect_id));
      return leases.map(({ effect_id }) => ({ effect_id, stop: seen.stopped.has(effect_id) }));
    },
    report: async (report) => {
      seen.reports.push(report);
    },
    carryOut: async () => DONE,
    extendEverySeconds: 20,
    concurrency: 10,
    repeat: (_seconds, tick) => {
      seen.tick = tick;
      seen.isTicking = true;
      return () => {
        seen.isTicking = false;
      };
    },
    ...more,
  };
  return { seen, work: createEffectWorker(deps) };
}

/** Work that ends when it is told to. */
function manualWork() {
  const open = new Map<string, { finish: (outcome: EffectOutcome) => void; signal: AbortSignal }>();
  const carryOut: EffectWorkerDeps["carryOut"] = ({ effect_id }, signal) =>
    new Promise((resolve, reject) => {
      open.set(effect_id, { finish: resolve, signal });
      signal.addEventListener("abort", () => reject(new Error("aborted")));
    });
  return { open, carryOut };
}

describe("a batch of effects", () => {
  it("is claimed by one call, carried out and reported under the lease of its claim", async () => {
    const messages = newMessages(3);
    const claimed = messages.map(toClaimed);
    const { seen, work } = prepare({ claim: async () => claimed });
    expect(await work(toEvent(messages))).toEqual({ batchItemFailures: [] });
    expect(seen.reports).toEqual(claimed.map(({ effect_id, lease_token }) => ({ effect_id, lease_token, outcome: DONE })));
    expect(seen.isTicking).toBe(false);
  });

  it("claims a message that was delivered twice once", async () => {
    const [message] = newMessages(1);
    const { seen, work } = prepare();
    await work(toEvent([message, message]));
    expect(seen.claims).toEqual([[message]]);
    expect(seen.reports).toHaveLength(1);
  });

  it("is done with messages that the ledger does not grant", async () => {
    const messages = newMessages(4);
    const { seen, work } = prepare({ claim: async (asked) => asked.slice(1, 2).map(toClaimed) });
    expect(await work(toEvent(messages))).toEqual({ batchItemFailures: [] });
    expect(seen.reports.map((report) => report.effect_id)).toEqual([messages[1]?.effect_id]);
  });

  it("drops messages that are none, and carries the others out", async () => {
    const [message] = newMessages(1);
    const { seen, work } = prepare();
    const strange = ["not json", "null", "[]", {}, { effect_id: "x", try: 1 }, { ...message, try: 0 }, { ...message, request: "smuggled" }];
    expect(await work(toEvent([...strange, message]))).toEqual({ batchItemFailures: [] });
    expect(seen.claims).toEqual([[message]]);
  });

  it("asks the ledger nothing when no message is one", async () => {
    const { seen, work } = prepare();
    expect(await work(toEvent(["not json"]))).toEqual({ batchItemFailures: [] });
    expect(seen.claims).toEqual([]);
  });

  it("comes back as a whole when the claim fails, but for messages that are none", async () => {
    const { seen, work } = prepare({ claim: () => Promise.reject(new Error("no ledger")) });
    const answer = await work(toEvent([...newMessages(1), "not json", ...newMessages(1)]));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "message-0" }, { itemIdentifier: "message-2" }] });
    expect(seen.reports).toEqual([]);
  });
});

describe("effects in flight", () => {
  it("are reported one by one, each as soon as its outcome is there", async () => {
    const [slow, quick] = newMessages(2);
    const { open, carryOut } = manualWork();
    const { seen, work } = prepare({ carryOut });
    const batch = work(toEvent([slow, quick]));
    await vi.waitFor(() => expect(open.size).toBe(2));
    open.get(String(quick?.effect_id))?.finish(DONE);
    await vi.waitFor(() => expect(seen.reports.map((report) => report.effect_id)).toEqual([quick?.effect_id]));
    open.get(String(slow?.effect_id))?.finish(DONE);
    await batch;
    expect(seen.reports.map((report) => report.effect_id)).toEqual([quick?.effect_id, slow?.effect_id]);
  });

  it("are never more than the worker may carry out at once, and the next begins when one ends", async () => {
    const messages = newMessages(5);
    const { open, carryOut } = manualWork();
    const { work } = prepare({ carryOut, concurrency: 2 });
    const batch = work(toEvent(messages));
    for (let finished = 0; finished < messages.length; finished += 1) {
      const begun = Math.min(finished + 2, messages.length);
      await vi.waitFor(() => expect(open.size).toBe(begun));
      expect([...open.keys()]).toEqual(messages.slice(0, begun).map((message) => message.effect_id));
      open.get(String(messages[finished]?.effect_id))?.finish(DONE);
    }
    expect(await batch).toEqual({ batchItemFailures: [] });
  });

  it("are extended by one call, with those that wait for their turn and without those reported", async () => {
    const messages = newMessages(3);
    const [first, second, third] = messages.map((message) => message.effect_id);
    const { open, carryOut } = manualWork();
    const { seen, work } = prepare({ carryOut, concurrency: 1 });
    const batch = work(toEvent(messages));
    await vi.waitFor(() => expect(open.size).toBe(1));
    seen.tick();
    open.get(String(first))?.finish(DONE);
    await vi.waitFor(() => expect(open.size).toBe(2));
    seen.tick();
    open.get(String(second))?.finish(DONE);
    await vi.waitFor(() => expect(open.size).toBe(3));
    open.get(String(third))?.finish(DONE);
    await batch;
    expect(seen.extensions).toEqual([
      [first, second, third],
      [second, third],
    ]);
  });

  it("are aborted, reported as stopped and not extended again once the ledger says stop", async () => {
    const messages = newMessages(2);
    const [kept, stopped] = messages.map((message) => String(message.effect_id));
    const { open, carryOut } = manualWork();
    const { seen, work } = prepare({ carryOut });
    const batch = work(toEvent(messages));
    await vi.waitFor(() => expect(open.size).toBe(2));
    seen.stopped.add(String(stopped));
    seen.tick();
    await vi.waitFor(() => expect(seen.reports).toHaveLength(1));
    expect(seen.reports[0]).toMatchObject({
      effect_id: stopped,
      outcome: { status: "failed", error: { code: "stopped", retryable: false } },
    });
    expect(open.get(String(kept))?.signal.aborted).toBe(false);
    seen.tick();
    open.get(String(kept))?.finish(DONE);
    await batch;
    expect(seen.extensions.at(-1)).toEqual([kept]);
  });

  it("are not begun when they are stopped before their turn", async () => {
    const messages = newMessages(2);
    const [first, second] = messages.map((message) => String(message.effect_id));
    const { open, carryOut } = manualWork();
    const { seen, work } = prepare({ carryOut, concurrency: 1 });
    const batch = work(toEvent(messages));
    await vi.waitFor(() => expect(open.size).toBe(1));
    seen.stopped.add(String(second));
    seen.tick();
    await vi.waitFor(() => expect(seen.extensions).toHaveLength(1));
    open.get(String(first))?.finish(DONE);
    await batch;
    expect([...open.keys()]).toEqual([first]);
    expect(seen.reports.map(({ outcome }) => outcome)).toMatchObject([DONE, { status: "failed", error: { code: "stopped" } }]);
  });

  it("keep an answer that was there although they were to stop", async () => {
    const [message] = newMessages(1);
    let finish: (outcome: EffectOutcome) => void = () => undefined;
    const { seen, work } = prepare({
      carryOut: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    const batch = work(toEvent([message]));
    await vi.waitFor(() => expect(seen.isTicking).toBe(true));
    seen.stopped.add(String(message?.effect_id));
    seen.tick();
    await vi.waitFor(() => expect(seen.extensions).toHaveLength(1));
    finish(DONE);
    await batch;
    expect(seen.reports).toMatchObject([{ outcome: DONE }]);
  });

  it("go on when an extension fails", async () => {
    const messages = newMessages(1);
    const { open, carryOut } = manualWork();
    let calls = 0;
    const extend = () => {
      calls += 1;
      return Promise.reject(new Error("no ledger"));
    };
    const { seen, work } = prepare({ carryOut, extend });
    const batch = work(toEvent(messages));
    await vi.waitFor(() => expect(open.size).toBe(1));
    seen.tick();
    seen.tick();
    expect(calls).toBe(2);
    open.get(String(messages[0]?.effect_id))?.finish(DONE);
    await batch;
    expect(seen.reports).toMatchObject([{ outcome: DONE }]);
  });

  it("are extended every so many seconds by the clock, until all are reported", async () => {
    vi.useFakeTimers();
    const { open, carryOut } = manualWork();
    let calls = 0;
    const claimed = newMessages(1).map(toClaimed);
    const work = createEffectWorker({
      claim: async () => claimed,
      extend: async () => {
        calls += 1;
        return [];
      },
      report: async () => undefined,
      carryOut,
      extendEverySeconds: 20,
      concurrency: 1,
    });
    const batch = work(toEvent(newMessages(1)));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toBe(3);
    open.get(String(claimed[0]?.effect_id))?.finish(DONE);
    await batch;
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe("an outcome", () => {
  const outcomeOf = async (carryOut: EffectWorkerDeps["carryOut"]) => {
    const { seen, work } = prepare({ carryOut });
    await work(toEvent(newMessages(1)));
    return seen.reports[0]?.outcome;
  };
  const throwing =
    (error: unknown): EffectWorkerDeps["carryOut"] =>
    async () => {
      throw error;
    };
  const usage = { model: "openai:m", input_tokens: 1, output_tokens: 2, cached_input_tokens: 0 };

  it("is the error that was thrown, when it is one of ours", async () => {
    expect(await outcomeOf(throwing(new AppError("provider-unavailable", "no route")))).toEqual({
      status: "failed",
      error: { code: "provider-unavailable", detail: "no route", retryable: true },
    });
    expect(await outcomeOf(throwing(new AppError("unsupported_offline", "no verb")))).toMatchObject({ error: { retryable: false } });
  });

  it.each([new Error("password=hunter2"), "text", undefined, null])("shows nothing of an error that nobody expected: %s", async (error) => {
    expect(await outcomeOf(throwing(error))).toEqual({
      status: "failed",
      error: { code: "internal", detail: "Something went wrong on our side", retryable: true },
    });
  });

  it("that fills the message is reported; one byte more is not, but its usage is", async () => {
    const around = { effect_id: uuidv7(), lease_token: uuidv7(), outcome: { status: "done", result: "", usage } };
    const room = REPORT_BYTES - JSON.stringify(around).length;
    const fits: EffectOutcome = { status: "done", result: "x".repeat(room), usage };
    expect(await outcomeOf(async () => fits)).toEqual(fits);
    const tooLarge = await outcomeOf(async () => ({ ...fits, result: "x".repeat(room + 1) }));
    expect(tooLarge).toMatchObject({ status: "failed", error: { code: "result-too-large", retryable: false }, usage });
  });

  it("has a detail that fits its field", async () => {
    const detail = "é".repeat(10_000);
    const outcome = await outcomeOf(async () => ({ status: "failed", error: { code: "exception", detail, retryable: false } }));
    expect(outcome).toMatchObject({ error: { detail: `${"é".repeat(3_999)}…` } });
  });

  it.each([
    { status: "done", result: Number.NaN, usage },
    { status: "failed", error: { code: "", detail: "", retryable: false }, usage },
    { status: "done", result: 1, usage: { ...usage, input_tokens: 0.5 } },
  ] as const)("that its readers would drop is reported as our failure: %j", async (strange) => {
    const outcome = await outcomeOf(async () => strange);
    expect(outcome).toMatchObject({ status: "failed", error: { code: "internal", retryable: false } });
  });

  it("that is nested beyond all measure is our failure too", async () => {
    const nested = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    expect(await outcomeOf(async () => ({ status: "done", result: nested }))).toMatchObject({
      status: "failed",
      error: { code: "internal" },
    });
  });

  it("is sent again when the queue does not take it", async () => {
    let tries = 0;
    const { work } = prepare({
      report: async () => {
        tries += 1;
        if (tries < 3) throw new Error("throttled");
      },
    });
    expect(await work(toEvent(newMessages(1)))).toEqual({ batchItemFailures: [] });
    expect(tries).toBe(3);
  });

  it("that the queue never takes is left to the lease, and holds up nothing else", async () => {
    const [lost, kept] = newMessages(2);
    const sent: string[] = [];
    const { work } = prepare({
      report: async (report) => {
        if (report.effect_id === lost?.effect_id) throw new Error("refused");
        sent.push(report.effect_id);
      },
      concurrency: 1,
    });
    expect(await work(toEvent([lost, kept]))).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual([kept?.effect_id]);
  });
});

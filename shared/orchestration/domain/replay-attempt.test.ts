import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerText, callTools, failWith, planOf, succeedWith } from "../../../tests/world/scripted-hands.ts";
import { decide } from "../../agents/domain/decide.ts";
import type { Briefing, JournalEntry } from "../../agents/domain/journal.ts";
import { loadChecks } from "../../agents/load-checks.ts";
import type { EffectOutcome } from "../../effects/contract.ts";
import { hashJson } from "../../platform/hash.ts";
import { type JsonValue, parseJson } from "../../platform/json.ts";
import {
  attemptKey,
  type RecordedAttempt,
  type RecordedEffect,
  type RecordedFacts,
  type RecordedPayload,
  replayAttempt,
} from "./replay-attempt.ts";

type Recording = { attempt: RecordedAttempt; facts: RecordedFacts };

const replay = ({ attempt, facts }: Recording) => replayAttempt(attempt, facts, tools);
const store = (body: JsonValue): RecordedPayload => ({ sha256: hashJson(body), body, erased: false });
const asJson = (value: object | null) => parseJson(JSON.stringify(value));

const brief: Briefing = {
  role: "executor",
  model: "local:scripted",
  prompt: { name: "executor", version: 1 },
  prompt_sha256: "published",
  max_output_tokens: 100,
  temperature: 0.5,
  variables: { goal: "count the birds", task: { ordinal: 1, name: "count", description: "Count" }, files: [] },
  inputs: [],
  tools: ["read_file", "write_file"],
};

const checks = await loadChecks([{ ...brief, role: "planner" }]);
const tools = { hash: hashJson, hashPrompt: () => "published", checks };

/** What the world answered, one after the other; the last must end the attempt. */
type Answers = readonly EffectOutcome[];

/** Carries an attempt out as the orchestrator would, and records it. An attempt that the answers do not end goes on. */
function record(answers: Answers, briefing: Briefing = brief): Recording {
  const effects: RecordedEffect[] = [];
  const journal: JournalEntry[] = [];
  const said = new Map<string, string | null>();
  const left = [...answers];
  const base = { task_id: "task", ordinal: 1, name: "count", number: 1, briefing: store(asJson(briefing)), brief: briefing, effects };
  const facts: RecordedFacts = { answers: said, results: new Map(), plans: new Map() };
  for (;;) {
    const next = decide(briefing, journal, checks);
    if (next.kind === "done") {
      const result = store(next.result);
      const key = attemptKey("task", 1);
      const ended = { ...base, status: "completed" as const, error: null, result };
      return { attempt: ended, facts: { ...facts, results: new Map([[key, result.sha256]]) } };
    }
    if (next.kind === "failed") return { attempt: { ...base, status: "failed", error: next.error, result: null }, facts };
    if (next.kind === "divided") return { attempt: { ...base, status: "completed", error: null, result: null }, facts };
    if (next.intents.length === 0) return { attempt: { ...base, status: "running", error: null, result: null }, facts };
    for (const intent of next.intents) {
      const effect = answerIntent(intent.kind, effects.length, asJson(intent.request), left.shift());
      said.set(effect.id, effect.result_sha256);
      effects.push({ ...effect, safety: intent.safety });
      journal.push(toEntry(effect));
    }
  }
}

function answerIntent(kind: RecordedEffect["kind"], seq: number, body: JsonValue, outcome: EffectOutcome | undefined): RecordedEffect {
  const request = store(body);
  const blank = { id: `effect-${seq}`, seq, kind, safety: "repeatable" as const, request_sha256: request.sha256, request };
  if (outcome === undefined) return { ...blank, state: "due", result: null, result_sha256: null, error: null };
  if (outcome.status === "failed") return { ...blank, state: "failed", result: null, result_sha256: null, error: outcome.error };
  const result = store(outcome.result);
  return { ...blank, state: "done", result, result_sha256: result.sha256, error: null };
}

function toEntry({ seq, kind, state, result, error }: RecordedEffect): JournalEntry {
  if (state === "done") return { seq, kind, state, result: result?.body ?? null };
  return state === "failed" && error !== null ? { seq, kind, state, error } : { seq, kind, state: "open" };
}

const toolAnswer = fc.oneof(
  fc.string().map((text): EffectOutcome => ({ status: "done", result: { content: text } })),
  fc.string().map((detail): EffectOutcome => ({ status: "failed", error: { code: "tool-failed", detail, retryable: false } })),
);
const round = fc
  .array(toolAnswer, { minLength: 1, maxLength: 4 })
  .map((found) => [callTools(...found.map((_, index) => ["read_file", { path: `${index}.txt` }] as const)), ...found]);
const ending = fc.oneof(
  fc.json().map((result) => succeedWith(parseJson(result))),
  fc.constant(failWith("unsupported_offline: nobody can")),
  fc.constant(undefined),
);
/** Rounds of parallel calls, then an answer, a failure, or silence. */
const recording = fc
  .tuple(fc.array(round, { maxLength: 4 }), ending)
  .map(([rounds, end]) => record([...rounds.flat(), ...(end === undefined ? [] : [end])]));

/** The same JSON with one character of one of its texts replaced; undefined where there is no text. */
function flipOne(value: JsonValue, pick: number): JsonValue | undefined {
  const text = JSON.stringify(value);
  const places = [...text.matchAll(/[a-z](?=[\w ]*")/g)].map((match) => match.index);
  const at = places[pick % Math.max(1, places.length)];
  if (at === undefined) return undefined;
  return parseJson(`${text.slice(0, at)}${text[at] === "q" ? "w" : "q"}${text.slice(at + 1)}`);
}

const withEffect = ({ attempt, facts }: Recording, index: number, change: Partial<RecordedEffect>): Recording => ({
  attempt: { ...attempt, effects: attempt.effects.map((effect, at) => (at === index ? { ...effect, ...change } : effect)) },
  facts,
});

describe("a recording as it was made", () => {
  test("is the same when it is computed anew, however it ended", () => {
    fc.assert(
      fc.property(recording, (made) => {
        expect(replay(made)).toMatchObject({ outcome: "same" });
      }),
    );
  });

  test("takes one decision for each move", () => {
    const made = record([callTools(["read_file", { path: "a" }]), { status: "done", result: "a" }, succeedWith(1)]);

    expect(replay(made)).toEqual({ outcome: "same", decisions: 4 });
  });

  test("is the same when its orchestrator ended it, whatever the agent wanted next", () => {
    const { attempt, facts } = record([]);
    const error = { code: "unpriced-model", detail: "no price", retryable: false };

    for (const code of ["unpriced-model", "no-agent", "timeout"]) {
      expect(replay({ attempt: { ...attempt, effects: [], status: "failed", error: { ...error, code } }, facts }).outcome).toBe("same");
    }
    expect(replay({ attempt: { ...attempt, effects: [], status: "failed", error: { ...error, code: "made-up" } }, facts }).outcome).toBe(
      "diverged",
    );
  });
});

describe("one byte that is not as it was", () => {
  const anywhere = fc.tuple(recording, fc.nat(), fc.nat());

  test("in a request names its effect", () => {
    fc.assert(
      fc.property(anywhere, ([made, which, where]) => {
        const index = which % made.attempt.effects.length;
        const effect = made.attempt.effects[index];
        const body = flipOne(effect?.request.body ?? null, where);
        if (effect === undefined || body === undefined) return;
        const divergence = { seq: index, effect_id: effect.id, differs: "request" };

        expect(replay(withEffect(made, index, { request: { ...effect.request, body } }))).toMatchObject({ divergence });
        const consistent = { request: store(body), request_sha256: hashJson(body) };
        expect(replay(withEffect(made, index, consistent))).toMatchObject({ divergence });
      }),
    );
  });

  test("in a result names its effect, also when its hashes were made to fit: the log remembers", () => {
    fc.assert(
      fc.property(anywhere, ([made, which, where]) => {
        const answered = made.attempt.effects.filter((effect) => effect.result !== null);
        const effect = answered[which % Math.max(1, answered.length)];
        const body = flipOne(effect?.result?.body ?? null, where);
        if (effect?.result === undefined || effect.result === null || body === undefined) return;
        const place = { seq: effect.seq, effect_id: effect.id };

        expect(replay(withEffect(made, effect.seq, { result: { ...effect.result, body } }))).toMatchObject({
          divergence: { ...place, differs: "result" },
        });
        const consistent = { result: store(body), result_sha256: hashJson(body) };
        expect(replay(withEffect(made, effect.seq, consistent))).toMatchObject({ divergence: { ...place, differs: "event" } });
      }),
    );
  });

  test("in what the prompt was filled with names the first call that was asked with it", () => {
    fc.assert(
      fc.property(fc.tuple(recording, fc.nat()), ([{ attempt, facts }, where]) => {
        const variables = flipOne(brief.variables, where);
        const changed = { ...brief, variables: variables as Briefing["variables"] };

        expect(
          replay({ attempt: { ...attempt, brief: changed, briefing: { ...attempt.briefing, body: asJson(changed) } }, facts }),
        ).toMatchObject({
          divergence: { seq: 0, differs: "request" },
        });
      }),
    );
  });

  test("in the published prompt names the first call that was asked with it", () => {
    const { attempt, facts } = record([succeedWith(1)]);

    expect(replayAttempt(attempt, facts, { ...tools, hashPrompt: () => "published anew" })).toMatchObject({
      divergence: { seq: 0, effect_id: "effect-0", differs: "prompt", recorded: "published", recomputed: "published anew" },
    });
  });

  test("in the result of the task, or in what the log says of it, is found", () => {
    const made = record([succeedWith({ birds: "many" })]);
    const { attempt, facts } = made;

    expect(replay({ attempt: { ...attempt, result: store({ birds: "manq" }) }, facts })).toMatchObject({
      divergence: { differs: "outcome" },
    });
    expect(replay({ attempt: { ...attempt, result: { ...store({ birds: "many" }), body: { birds: "manq" } } }, facts })).toMatchObject({
      divergence: { differs: "outcome" },
    });
    expect(replay({ attempt, facts: { ...facts, results: new Map([[attemptKey("task", 1), hashJson("other")]]) } })).toMatchObject({
      divergence: { differs: "event" },
    });
  });

  test("in the error that it failed with is found", () => {
    const { attempt, facts } = record([failWith("unsupported_offline: nobody can")]);
    const error = { code: "unsupported_offline", detail: "nobody caq", retryable: false };

    expect(replay({ attempt: { ...attempt, error }, facts })).toMatchObject({ divergence: { seq: 0, differs: "outcome" } });
  });

  test("in a part of the briefing that nothing was asked with is found last", () => {
    const { attempt, facts } = record([succeedWith(1)]);

    expect(replay({ attempt: { ...attempt, briefing: { ...attempt.briefing, sha256: hashJson("other") } }, facts })).toMatchObject({
      divergence: { seq: null, differs: "briefing" },
    });
  });
});

test("a plan that is not the one that its planner made is found", () => {
  const planner: Briefing = { ...brief, role: "planner", prompt: { name: "planner", version: 1 }, tools: [] };
  const plan = planOf({ a: [], b: ["a"] });
  const { attempt, facts } = record([{ status: "done", result: [] }, answerText(JSON.stringify(plan), {})], planner);
  const stored = (depends_on: number[]) => [
    { name: "Task a", depends_on: [] },
    { name: "Task b", depends_on },
  ];
  const withPlan = (depends_on: number[]) => ({
    attempt,
    facts: { ...facts, plans: new Map([[attemptKey("task", 1), stored(depends_on)]]) },
  });

  expect(replay(withPlan([1])).outcome).toBe("same");
  expect(replay(withPlan([]))).toMatchObject({ divergence: { seq: 1, differs: "plan" } });
});

describe("a journal", () => {
  const made = record([callTools(["read_file", { path: "a" }], ["read_file", { path: "b" }]), ...["a", "b"].map(done), succeedWith(1)]);
  function done(result: string): EffectOutcome {
    return { status: "done", result };
  }

  test("with an effect that nobody asked for, or without one that was, names the place", () => {
    const { attempt, facts } = made;
    const extra = { ...attempt.effects[3], id: "extra", seq: 4 } as RecordedEffect;

    expect(replay({ attempt: { ...attempt, effects: [...attempt.effects, extra] }, facts })).toMatchObject({
      divergence: { seq: 4, effect_id: "extra", differs: "unasked" },
    });
    expect(replay({ attempt: { ...attempt, status: "running", effects: attempt.effects.slice(0, 2) }, facts })).toMatchObject({
      divergence: { seq: 1, differs: "missing" },
    });
  });

  test("whose attempt is said to have ended before its agent said so names the place", () => {
    const { attempt, facts } = made;

    expect(replay({ attempt: { ...attempt, effects: attempt.effects.slice(0, 3) }, facts })).toMatchObject({
      divergence: { seq: 2, differs: "outcome", recorded: "completed", recomputed: "effects" },
    });
  });

  test("of another kind or safety is told apart", () => {
    expect(replay(withEffect(made, 1, { kind: "recall" }))).toMatchObject({ divergence: { seq: 1, differs: "kind" } });
    expect(replay(withEffect(made, 1, { safety: "once" }))).toMatchObject({ divergence: { seq: 1, differs: "safety" } });
  });

  test("of which something was erased says erased, and where", () => {
    const [, first] = made.attempt.effects;
    const erased = { sha256: first?.result_sha256 ?? "", body: null, erased: true };

    expect(replay(withEffect(made, 1, { result: erased }))).toMatchObject({ outcome: "erased", seq: 1, effect_id: "effect-1" });
    expect(replay({ ...made, attempt: { ...made.attempt, briefing: erased } })).toMatchObject({ outcome: "erased", seq: null });
  });
});

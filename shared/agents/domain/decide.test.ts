import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../../tests/world/scripted-hands.ts";
import { type LlmAnswer, LlmRequest } from "../../llm/contract.ts";
import type { JsonValue } from "../../platform/json.ts";
import { getTool } from "../../tools/registry.ts";
import { loadChecks } from "../load-checks.ts";
import { decide as decideBy } from "./decide.ts";
import { type Briefing, type JournalEntry, type Next, waitForOpenEffects } from "./journal.ts";

const briefing = (role: Briefing["role"], changes: Partial<Briefing> = {}): Briefing => ({
  role,
  model: "local:scripted",
  prompt: { name: role, version: 1 },
  max_output_tokens: 100,
  temperature: 0.5,
  variables: { goal: "count the birds", files: [] },
  inputs: [],
  tools: ["read_file", "write_file"],
  ...changes,
});

const checks = await loadChecks([briefing("planner")]);
const decide = (about: Parameters<typeof decideBy>[0], journal: readonly JournalEntry[]) => decideBy(about, journal, checks);
const answerOf = (changes: Partial<LlmAnswer>): JsonValue => ({
  model: "scripted",
  text: "",
  tool_calls: [],
  finish_reason: "stop",
  provider_request_id: null,
  ...changes,
});
const said = (seq: number, text: JsonValue): JournalEntry => ({
  seq,
  kind: "llm",
  state: "done",
  result: answerOf({ text: typeof text === "string" ? text : JSON.stringify(text) }),
});
const called = (seq: number, ...names: string[]): JournalEntry => ({
  seq,
  kind: "llm",
  state: "done",
  result: answerOf({
    finish_reason: "tool_calls",
    tool_calls: names.map((name, index) => ({ id: `call-${seq}-${index}`, name, arguments: { n: index } })),
  }),
});
const told = (seq: number): JournalEntry => ({ seq, kind: "tool", state: "done", result: "told" });
const open = (seq: number, kind: JournalEntry["kind"]): JournalEntry => ({ seq, kind, state: "open" });
const failed = (seq: number, kind: JournalEntry["kind"], code = "provider-unavailable"): JournalEntry => ({
  seq,
  kind,
  state: "failed",
  error: { code, detail: "it failed", retryable: true },
});
const recalled = (...contents: string[]): JournalEntry => ({
  seq: 0,
  kind: "recall",
  state: "done",
  result: contents.map((content, index) => ({ id: `00000000-0000-7000-8000-00000000000${index}`, content })),
});

const success = (result: JsonValue) => ({ status: "success", output: { result, details: "because" }, error: "" });
const failure = (error: string, details = "") => ({ status: "failure", output: { result: null, details }, error });

/** What a model is asked next. */
function requestOf(next: Next): LlmRequest {
  const intent = next.kind === "effects" ? next.intents[0] : undefined;
  if (intent?.kind !== "llm") throw new Error(`no question to a model: ${JSON.stringify(next)}`);
  return LlmRequest.parse(intent.request);
}

describe("a planner", () => {
  test("first recalls what it knows about the goal", () => {
    expect(decide(briefing("planner"), [])).toEqual({
      kind: "effects",
      intents: [{ kind: "recall", safety: "repeatable", request: { query: "count the birds", limit: 5 } }],
    });
  });

  test("recalls by the beginning of a goal that is very long", () => {
    const next = decide(briefing("planner", { variables: { goal: "g".repeat(200_000) } }), []);

    expect(next).toMatchObject({ intents: [{ request: { query: "g".repeat(2_000) } }] });
  });

  test("waits for what it recalls", () => {
    expect(decide(briefing("planner"), [open(0, "recall")])).toEqual(waitForOpenEffects);
  });

  test.each<[string, JournalEntry, string[]]>([
    ["with what it remembers", recalled("birds fly", "birds sing"), ["birds fly", "birds sing"]],
    ["without memories when there are none", recalled(), []],
    ["without memories when the recall failed", failed(0, "recall"), []],
    ["without memories when the recall brought something else", { seq: 0, kind: "recall", state: "done", result: "?" }, []],
  ])("asks its model %s", (_, recall, memories) => {
    expect(requestOf(decide(briefing("planner"), [recall])).variables).toEqual({ goal: "count the birds", files: [], memories });
  });

  test("is done with a plan that can be carried out", () => {
    const plan = { ...planOf({ a: [], b: ["a"] }), risks: ["rain"] };

    expect(decide(briefing("planner"), [recalled(), said(1, plan)])).toEqual({ kind: "done", result: { tasks: 2, risks: ["rain"] }, plan });
  });

  test("sends a plan back with everything that is wrong with it", () => {
    const next = decide(briefing("planner"), [recalled(), said(1, planOf({ a: ["b"], b: ["a"], c: [] }))]);

    expect(requestOf(next).turns).toEqual([
      { seq: 1 },
      { correction: "The plan cannot be carried out:\n- The dependencies form a cycle: a → b → a" },
    ]);
  });

  test("names twenty problems of a plan at most", () => {
    const plan = planOf(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`t${index}`, ["ghost"]])));
    const [, turn] = requestOf(decide(briefing("planner"), [recalled(), said(1, plan)])).turns;

    expect(turn && "correction" in turn && turn.correction.match(/^- /gm)).toHaveLength(20);
  });

  test("fails with the exact problems when its model does not mend the plan", () => {
    const bad = planOf({ a: ["ghost"] });

    expect(decide(briefing("planner"), [recalled(), said(1, bad), said(2, "no JSON"), said(3, bad)])).toEqual({
      kind: "failed",
      error: {
        code: "invalid-answer",
        detail: 'The plan cannot be carried out:\n- Task "a" depends on "ghost", which is not in the plan',
        retryable: true,
      },
    });
  });
});

describe("an executor", () => {
  const executor = briefing("executor");

  test("asks its model by its briefing and nothing else", () => {
    const { model, prompt, variables, inputs, tools, max_output_tokens, temperature } = executor;

    expect(requestOf(decide(executor, []))).toEqual({
      model,
      prompt,
      variables,
      inputs,
      tools,
      max_output_tokens,
      temperature,
      turns: [],
    });
  });

  test("waits for its model", () => {
    expect(decide(executor, [open(0, "llm")])).toEqual(waitForOpenEffects);
  });

  test("carries out the tools that its model calls, each by the safety of the tool", () => {
    const next = decide(executor, [called(0, "read_file", "write_file", "unheard_of")]);

    expect(next.kind === "effects" && next.intents.map((intent) => [intent.kind, intent.safety, intent.request])).toEqual([
      ["tool", "repeatable", { tool: "read_file", call_id: "call-0-0", arguments: { n: 0 } }],
      ["tool", getTool("write_file")?.safety, { tool: "write_file", call_id: "call-0-1", arguments: { n: 1 } }],
      ["tool", "repeatable", { tool: "unheard_of", call_id: "call-0-2", arguments: { n: 2 } }],
    ]);
  });

  test("carries out eight calls of one answer at most", () => {
    const next = decide(executor, [called(0, ...Array.from({ length: 30 }, () => "read_file"))]);

    expect(next.kind === "effects" && next.intents).toHaveLength(8);
  });

  test("waits until every tool has answered", () => {
    const journal = [called(0, "read_file", "read_file"), told(1), open(2, "tool")];

    expect(decide(executor, journal)).toEqual(waitForOpenEffects);
  });

  test("tells its model what the tools answered, also those that failed, in the order of the journal", () => {
    const journal = [called(0, "read_file", "read_file"), told(1), failed(2, "tool"), called(3, "read_file"), told(4)];

    expect(requestOf(decide(executor, journal)).turns).toEqual([{ seq: 0 }, { seq: 1 }, { seq: 2 }, { seq: 3 }, { seq: 4 }]);
  });

  test("is done with the result; the details stay in the journal", () => {
    expect(decide(executor, [said(0, success({ mean: 1 }))])).toEqual({ kind: "done", result: { mean: 1 } });
  });

  test.each<[string, { status: string }, { code: string; detail: string }]>([
    [
      "with its code and reason",
      failure("unsupported_offline: step 1 has two readings"),
      { code: "unsupported_offline", detail: "step 1 has two readings" },
    ],
    ["without a code as task-failed", failure("It rained"), { code: "task-failed", detail: "It rained" }],
    ["that is a sentence with a colon as task-failed", failure("Sorry: it rained"), { code: "task-failed", detail: "Sorry: it rained" }],
    ["without a reason with its details", failure("", "the file is empty"), { code: "task-failed", detail: "the file is empty" }],
    ["without anything as such", failure(""), { code: "task-failed", detail: "The agent reported a failure without a reason" }],
  ])("reports a failure %s, and for good", (_, answer, error) => {
    expect(decide(executor, [said(0, answer)])).toEqual({ kind: "failed", error: { ...error, retryable: false } });
  });

  test("tells its model twice what is wrong with its answers, then fails so that it may be tried again", () => {
    const journal = [said(0, "no JSON"), said(1, "no JSON"), said(2, "no JSON")];
    const corrections = [1, 2].map((answers) => requestOf(decide(executor, journal.slice(0, answers))).turns);

    expect(corrections.map((turns) => turns.filter((turn) => "correction" in turn).length)).toEqual([1, 2]);
    expect(decide(executor, journal)).toEqual({
      kind: "failed",
      error: {
        code: "invalid-answer",
        detail: "Your answer was not valid JSON. Answer again with the JSON object only.",
        retryable: true,
      },
    });
  });

  test("counts corrections over the whole attempt, not in a row", () => {
    const journal = [said(0, "no"), called(1, "read_file"), told(2), said(3, "no"), called(4, "read_file"), told(5), said(6, "no")];

    expect(decide(executor, journal)).toMatchObject({ kind: "failed", error: { code: "invalid-answer" } });
  });

  test("gives up after sixteen calls of a model that finds no end", () => {
    const journal: JournalEntry[] = [];
    let next: Next = decide(executor, journal);
    for (let calls = 0; next.kind === "effects"; calls += 1) {
      expect(calls).toBeLessThan(16);
      journal.push(called(journal.length, "read_file"), told(journal.length + 1));
      next = decide(executor, journal);
    }

    expect(next).toEqual({
      kind: "failed",
      error: { code: "too-many-turns", detail: "No final answer after 16 model calls", retryable: false },
    });
  });
});

describe("every role", () => {
  const roles = ["planner", "executor", "critic", "summarizer"] as const;
  const after = (role: Briefing["role"], entry: (seq: number) => JournalEntry) =>
    decide(briefing(role), role === "planner" ? [recalled(), entry(1)] : [entry(0)]);

  test.each(roles)("%s: fails with the error of a model call that failed", (role) => {
    expect(after(role, (seq) => failed(seq, "llm"))).toEqual({
      kind: "failed",
      error: { code: "provider-unavailable", detail: "it failed", retryable: true },
    });
  });

  test.each(roles)("%s: fails for good when its model refuses", (role) => {
    const refused =
      (text: string) =>
      (seq: number): JournalEntry => ({
        seq,
        kind: "llm",
        state: "done",
        result: answerOf({ finish_reason: "refused", text }),
      });

    expect(after(role, refused("I will not"))).toEqual({
      kind: "failed",
      error: { code: "refused", detail: "I will not", retryable: false },
    });
    expect(after(role, refused(""))).toMatchObject({ error: { detail: "The model refused to answer" } });
  });

  test.each(roles)("%s: never takes an answer that was cut off for whole, even when it can be read", (role) => {
    const whole = JSON.stringify(success("whole"));

    expect(
      after(role, (seq) => ({ seq, kind: "llm", state: "done", result: answerOf({ finish_reason: "length", text: whole }) })),
    ).toMatchObject({
      kind: "failed",
      error: { code: "answer-truncated", retryable: true },
    });
  });

  test.each(roles)("%s: fails, and does not break, when what was reported is no answer of a model", (role) => {
    expect(after(role, (seq) => ({ seq, kind: "llm", state: "done", result: { nonsense: true } }))).toMatchObject({
      kind: "failed",
      error: { code: "invalid-answer", retryable: true },
    });
  });
});

describe("a caller", () => {
  const call = { tool: "read_file", call_id: "call", arguments: { path: "birds.csv" } };
  const about = { role: "caller", call } as const;

  test("makes its one call and thinks nothing", () => {
    expect(decide(about, [])).toEqual({ kind: "effects", intents: [{ kind: "tool", safety: "repeatable", request: call }] });
    expect(decide(about, [open(0, "tool")])).toEqual(waitForOpenEffects);
  });

  test("is done with what the tool returned, or fails as it failed", () => {
    expect(decide(about, [told(0)])).toEqual({ kind: "done", result: "told" });
    expect(decide(about, [failed(0, "tool", "not-found")])).toEqual({
      kind: "failed",
      error: { code: "not-found", detail: "it failed", retryable: true },
    });
  });
});

describe("critic and summarizer", () => {
  test("are done with their whole answers", () => {
    const review = { approved: false, overall_score: 3, issues: [], strengths: ["short"] };
    const summary = { summary: "three birds", key_points: [], confidence: 0.5 };

    expect(decide(briefing("critic"), [said(0, review)])).toEqual({ kind: "done", result: review });
    expect(decide(briefing("summarizer"), [said(0, summary)])).toEqual({ kind: "done", result: summary });
  });

  test("are told what does not fit", () => {
    const next = decide(briefing("summarizer"), [said(0, { summary: "", key_points: [], confidence: 2 })]);

    expect(requestOf(next).turns[1]).toMatchObject({ correction: expect.stringMatching(/- summary: .*\n- confidence: /) });
  });
});

describe("decide", () => {
  const texts = fc.oneof(
    fc.constantFrom(JSON.stringify(success(1)), JSON.stringify(failure("x: y")), "no JSON", JSON.stringify(planOf({ a: [] })), "{}"),
    fc.string(),
  );
  const outcomes = fc.oneof(
    texts.map((text) => answerOf({ text })),
    fc
      .array(fc.constantFrom("read_file", "http_request", "?"), { minLength: 1, maxLength: 3 })
      .map((names) =>
        answerOf({ finish_reason: "tool_calls", tool_calls: names.map((name, index) => ({ id: `c${index}`, name, arguments: {} })) }),
      ),
    fc.constantFrom(answerOf({ finish_reason: "refused" }), answerOf({ finish_reason: "length" })),
    fc.jsonValue() as fc.Arbitrary<JsonValue>,
  );

  /** The life of an attempt whose effects are answered from a list until it ends or the list does. */
  function live(about: Briefing, answers: readonly JsonValue[]): { journal: JournalEntry[]; decided: Next[] } {
    const journal: JournalEntry[] = [];
    const decided: Next[] = [];
    for (let used = 0; used < answers.length; ) {
      const next = decide(about, journal);
      decided.push(next);
      if (next.kind !== "effects" || next.intents.length === 0) break;
      for (const intent of next.intents) {
        const result = answers[used] ?? null;
        used += 1;
        const seq = journal.length;
        journal.push(result === null ? failed(seq, intent.kind) : { seq, kind: intent.kind, state: "done", result });
      }
    }
    return { journal, decided };
  }

  test("gives the same move for the same journal, also after a database has reordered the members of every object", () => {
    const roles = fc.constantFrom<Briefing["role"]>("planner", "executor", "critic", "summarizer");

    fc.assert(
      fc.property(roles, fc.array(outcomes, { maxLength: 12 }), (role, answers) => {
        const about = briefing(role);
        const { journal } = live(about, answers);
        const frozen = deepFreeze(structuredClone(journal));

        expect(decide(deepFreeze(structuredClone(about)), frozen)).toEqual(decide(about, journal));
        expect(decide(about, journal.map(reorder))).toEqual(decide(about, journal));
      }),
    );
  });

  test("decides a finished attempt again, move by move, from the beginnings of its journal", () => {
    fc.assert(
      fc.property(fc.array(outcomes, { minLength: 1, maxLength: 12 }), (answers) => {
        const about = briefing("executor");
        const { journal, decided } = live(about, answers);
        let length = 0;
        for (const next of decided) {
          expect(decide(about, journal.slice(0, length))).toEqual(next);
          length += next.kind === "effects" ? next.intents.length : 0;
        }
      }),
    );
  });
});

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

function reorder<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(reorder) as Value;
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).toReversed();
  return Object.fromEntries(members.map(([key, member]): [string, unknown] => [key, reorder(member)])) as Value;
}

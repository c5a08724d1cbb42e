import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Run } from "../../shared/orchestration/contracts/runs.ts";
import { Fact } from "../../shared/orchestration/domain/events.ts";
import { holdBack } from "./hold-back.ts";
import { expectProblem } from "./problem.ts";
import { readSegment, type StreamedEvent } from "./read-stream.ts";
import { followUntil, getRun, postGoal, pursueGoal, readFacts } from "./runs.ts";
import { type Person, signUp } from "./sign-up.ts";
import { type Model, startModel } from "./start-model.ts";
import { startServer, type TestServer } from "./start-server.ts";

const goal = "What is six times seven?";

let model: Model;
let server: TestServer;
let person: Person;
let ended: Run;

beforeAll(async () => {
  model = await startModel();
  server = await startServer(model.settings);
  person = await signUp(server.url, "somebody");
  ended = await pursueGoal(person, goal);
}, 60_000);
beforeEach(() => model.play());
afterAll(async () => {
  await server.close();
  await model.close();
});

const read = (runId: string, options: Parameters<typeof readSegment>[3] = {}) => readSegment(server.url, runId, person.token, options);
const numbersOf = (events: readonly StreamedEvent[]): number[] => events.map(({ data }) => data.number);
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe("the log of a run", () => {
  test("numbers its facts from one without a gap, each of a kind that is known, ending with the run's end", async () => {
    const facts = await readFacts(person, ended.id);

    expect(facts.map(({ number }) => number)).toEqual(upTo(ended.event_seq));
    for (const { number: _number, at: _at, ...fact } of facts) expect(Fact.safeParse(fact).error).toBeUndefined();
    const planning = [
      "run-created",
      "phase-started",
      "task-started",
      "effect-answered",
      "effect-answered",
      "task-completed",
      "plan-stored",
    ];
    const work = ["task-started", "effect-answered", "effect-answered", "effect-answered", "task-completed"];
    const phase = ["phase-started", "task-started", "effect-answered", "task-completed"];
    expect(facts.map(({ type }) => type)).toEqual([...planning, "phase-started", ...work, ...work, ...phase, ...phase, "run-completed"]);
  });

  test("tells what each call cost, and holds none of what was said", async () => {
    const facts = await readFacts(person, ended.id);

    const costs = facts.flatMap((fact) => (fact["kind"] === "llm" ? [String(fact["cost_usd"])] : []));
    expect(costs).toHaveLength(7);
    expect(costs.every((cost) => Number(cost) > 0)).toBe(true);
    expect(JSON.stringify(facts)).not.toContain("The answer is");
  });
});

describe("the stream of a run", () => {
  test("tells every fact as it happens, and ends with the run", async () => {
    const call = holdBack("critic");
    model.play(call.script);
    const { runId } = await postGoal(person, goal);
    let sawBefore = -1;
    const segment = await read(runId, {
      enough: (events) => {
        if (sawBefore < 0 && events.some(({ data }) => data["name"] === "Review the results")) {
          sawBefore = events.length;
          call.release();
        }
        return false;
      },
    });

    expect(segment).toMatchObject({ status: 200, contentType: "text/event-stream", retry: "500" });
    expect(sawBefore).toBeGreaterThan(10);
    expect(numbersOf(segment.events)).toEqual(upTo((await getRun(person, runId)).event_seq));
    expect(segment.events.at(-1)?.event).toBe("run-completed");
    expect(segment.events.map(({ id }) => id)).toEqual(numbersOf(segment.events).map(String));
    expect(segment.events.map(({ event }) => event)).toEqual(segment.events.map(({ data }) => data.type));
    expect(segment.events.map(({ data }) => data)).toEqual(await readFacts(person, runId));
  });

  test("goes on where a reader left, without a gap and without telling twice, however often he leaves", async () => {
    const { runId } = await postGoal(person, goal);
    const seen: StreamedEvent[] = [];
    let segments = 0;
    let status = 200;
    while (status === 200) {
      const segment = await read(runId, { lastEventId: seen.at(-1)?.id, enough: (events) => events.length >= 3 });
      seen.push(...segment.events);
      segments += 1;
      status = segment.status;
    }

    expect(status).toBe(204);
    expect(numbersOf(seen)).toEqual(upTo((await getRun(person, runId)).event_seq));
    expect(segments).toBeGreaterThan(2);
  });

  test("is the same for all who read it at once", async () => {
    const { runId } = await postGoal(person, goal);

    const segments = await Promise.all([read(runId), read(runId), read(runId)]);

    const [first, ...others] = segments.map(({ events }) => events);
    expect(first?.at(-1)?.event).toBe("run-completed");
    for (const other of others) expect(other).toEqual(first);
  });

  test("of a run that has ended is told at once, and of one that was read to its end there is none", async () => {
    expect(numbersOf((await read(ended.id)).events)).toEqual(upTo(ended.event_seq));
    for (const beyond of [ended.event_seq, ended.event_seq + 1, 999_999_999]) {
      expect(await read(ended.id, { lastEventId: String(beyond) })).toMatchObject({ status: 204, events: [] });
    }
  });

  test("begins after the number in the query, which wins over the header", async () => {
    const events = `/v1/runs/${ended.id}/events?after=${ended.event_seq - 2}`;

    const reply = await person.call("GET", events, { headers: { "last-event-id": "1" } });

    expect(reply.text.match(/^id: .*$/gm)).toEqual([`id: ${ended.event_seq - 1}`, `id: ${ended.event_seq}`]);
  });

  test("has no HEAD: nobody knows its length", async () => {
    expect((await person.call("HEAD", `/v1/runs/${ended.id}/events`)).status).toBe(405);
  });
});

describe("a long poll", () => {
  test("answers as soon as there is a fact", async () => {
    const call = holdBack("planner");
    model.play(call.script);
    const { runId } = await postGoal(person, goal);
    await call.asked;
    const known = (await readFacts(person, runId)).at(-1)?.number ?? 0;

    const waiting = person.call("GET", `/v1/runs/${runId}/events?after=${known}&wait=25`);
    call.release();
    const { body } = await waiting;

    expect(body).toMatchObject({ facts: expect.arrayContaining([expect.objectContaining({ number: known + 1 })]), ended: false });
    await followUntil(person, runId);
  });

  test("answers nothing when it was told not to wait, and that the run has ended when it has", async () => {
    const call = holdBack("planner");
    model.play(call.script);
    const { runId } = await postGoal(person, goal);
    await call.asked;
    const known = (await readFacts(person, runId)).at(-1)?.number ?? 0;
    const poll = async () => (await person.call("GET", `/v1/runs/${runId}/events?after=${known}&wait=0`)).body;
    expect(await poll()).toEqual({ facts: [], ended: false });

    call.release();
    await followUntil(person, runId);

    const { event_seq } = await getRun(person, runId);
    expect(await poll()).toMatchObject({ ended: true });
    expect((await person.call("GET", `/v1/runs/${runId}/events?after=${event_seq}&wait=25`)).body).toEqual({ facts: [], ended: true });
  });

  test("of a run that does not exist is no poll", async () => {
    expectProblem(await person.call("GET", "/v1/runs/0198c0de-0000-7000-8000-000000000001/events?wait=25"), 404, "not-found");
  });
});

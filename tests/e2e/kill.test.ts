import { randomInt } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { ensureTemplate } from "../../local/database/template.ts";
import type { Run } from "../../shared/orchestration/contracts/runs.ts";
import { createOpenAiFake, type OpenAiFake } from "../fakes/openai-fake.ts";
import type { Api } from "./api.ts";
import { killAll, reach, startDev, until } from "./dev-process.ts";
import { isAlive, listDescendants } from "./processes.ts";
import { readBooks } from "./read-books.ts";
import { getRun, type LoggedFact, postGoal, pursueGoal, readFacts } from "./runs.ts";
import { createSlowModel, type SlowModel } from "./slow-model.ts";

/** Leases and watchdogs that outlast a test: what goes on after a kill does so because the next start took it over. */
const PATIENT = { LEASE_SECONDS: "600", WATCHDOG_SECONDS: "600" };

let home = "";
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "cognition-kill-"));
});
afterEach(async () => {
  await killAll();
  rmSync(home, { recursive: true, force: true });
});

describe("a run whose server is killed", () => {
  let model: SlowModel;
  let fake: OpenAiFake;
  beforeEach(async () => {
    model = createSlowModel();
    fake = await createOpenAiFake({ script: model.script });
  });
  afterEach(() => fake.close());

  test("goes on each of five times, and ends as if nothing had happened", { timeout: 120_000 }, async () => {
    const seed = Number(process.env["CRASH_SEED"] ?? randomInt(1_000_000));
    const points = chooseKillPoints(seed, 5);
    console.log(`CRASH_SEED=${seed}: ${points.map(({ calls, ms }) => `${ms} ms after ${calls} model calls`).join(", ")}`);
    const env = { ...PATIENT, OPENAI_BASE_URL: fake.baseUrl, OPENAI_API_KEY: fake.apiKey };
    let dev = startDev(home, env);
    let api = await reach(dev);
    const undisturbed = await pursueGoal(api, "Compute and write.");
    const before = { log: await readFacts(api, undisturbed.id), files: await readFiles(api, undisturbed.id) };
    expect(Object.keys(before.files)).toHaveLength(3);

    model.hold("summarizer");
    const { runId } = await postGoal(api, "Compute and write.");
    let seen = 0;
    for (const { calls, ms } of points) {
      const asked = model.calls();
      await until("the model was asked", () => model.calls() >= asked + calls || model.isHolding());
      await sleep(ms);
      const children = listDescendants(dev.pid);
      await dev.kill("SIGKILL");
      await until("its processes are gone with it", () => !children.some(isAlive));
      dev = startDev(home, env);
      api = await reach(dev);
      const log = await readFacts(api, runId);
      expect(log.length).toBeGreaterThanOrEqual(seen);
      seen = log.length;
    }
    model.hold(undefined);
    const run = await untilEnded(api, runId);

    expect(fake.problems).toEqual([]);
    expectWhole(run, await readFacts(api, runId));
    expect(await readFiles(api, runId)).toEqual(before.files);
    expect(await readFacts(api, undisturbed.id)).toEqual(before.log);
    await dev.kill("SIGTERM");
    const books = await readBooks(home, runId);
    expect(books).toMatchObject({ held_nano: 0n, open_holds: 0, open_effects: 0, billed_twice: 0 });
    expect(books.usage_nano).toBeGreaterThan(0n);
    // A call that was under way when its server died may have been billed, so its hold is booked in full.
    expect(books.spent_nano).toBe(books.usage_nano + books.lost_nano);
  });

  test("is not lost when all it got was its acknowledgement", { timeout: 60_000 }, async () => {
    const dev = startDev(home, PATIENT);
    const { runId } = await postGoal(await reach(dev), '1. Write "kept" to note.txt. 2. Read note.txt.');
    await dev.kill("SIGKILL");

    const api = await reach(startDev(home, PATIENT));
    const run = await untilEnded(api, runId);

    expectWhole(run, await readFacts(api, runId));
    expect(await readFiles(api, runId)).toEqual({ "note.txt": "kept" });
  });
});

test("a server that is killed in its very first start leaves nothing in the way of the next", { timeout: 60_000 }, async () => {
  await ensureTemplate(path.resolve(import.meta.dirname, "../.."));
  const first = startDev(home);
  await until("the database is being copied", () => existsSync(path.join(home, `pg.${first.pid}`)));
  await first.kill("SIGKILL");
  expect(existsSync(path.join(home, "pg"))).toBe(false);

  const api = await reach(startDev(home));

  expect(await pursueGoal(api, 'Write "hello" to a.txt')).toMatchObject({ status: "completed" });
  expect(readdirSync(home).filter((name) => /^pg\.\d/.test(name))).toEqual([]);
});

async function untilEnded(api: Api, runId: string): Promise<Run> {
  await until("the run ended", async () => (await getRun(api, runId)).finished_at !== null);
  return getRun(api, runId);
}

/** Each number once, each task completed once, each effect answered once. */
function expectWhole(run: Run, log: LoggedFact[]): void {
  expect(run).toMatchObject({ status: "completed", error: null, budget: { held_usd: "0" } });
  expect(log.map((fact) => fact.number)).toEqual(log.map((_, index) => index + 1));
  const listOf = (type: string, id: string) => log.filter((fact) => fact.type === type).map((fact) => String(fact[id]));
  expect(listOf("task-completed", "task_id").toSorted()).toEqual(run.tasks.map((task) => task.id).toSorted());
  const answered = listOf("effect-answered", "effect_id");
  expect(answered).toHaveLength(new Set(answered).size);
  expect(log.filter((fact) => /^(?:task-(?:failed|retried|cancelled)|effect-unknown)$/.test(fact.type))).toEqual([]);
  expect(log.at(-1)).toMatchObject({ type: "run-completed" });
}

async function readFiles(api: Api, runId: string): Promise<Record<string, string>> {
  const { files } = await api.get(`/v1/runs/${runId}/files`, z.object({ files: z.array(z.object({ path: z.string() })) }));
  const read = async (name: string): Promise<[string, string]> => [name, (await api.call("GET", `/v1/runs/${runId}/files/${name}`)).text];
  return Object.fromEntries(await Promise.all(files.map((file) => read(file.path))));
}

/** When lives end: so long after so many calls of the model, counted from when the server listens. */
function chooseKillPoints(seed: number, count: number): { calls: number; ms: number }[] {
  let state = seed >>> 0;
  const random = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from({ length: count }, () => ({ calls: Math.floor(random() * 4), ms: Math.floor(random() * 250) }));
}

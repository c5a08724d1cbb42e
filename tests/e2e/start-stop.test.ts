import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "../../shared/platform/db/database.ts";
import { createOpenAiFake, type OpenAiFake } from "../fakes/openai-fake.ts";
import { type DevProcess, killAll, reach, startDev, until } from "./dev-process.ts";
import { isAlive, listDescendants } from "./processes.ts";
import { runCommand } from "./run-command.ts";
import { followUntil, getRun, type LoggedFact, postGoal, readFacts } from "./runs.ts";
import { createSlowModel } from "./slow-model.ts";

let home = "";
let fake: OpenAiFake | undefined;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "cognition-start-"));
});
afterEach(async () => {
  await killAll();
  await fake?.close();
  fake = undefined;
  rmSync(home, { recursive: true, force: true });
});

describe("a start", () => {
  test("takes over whatever a killed server left half-written", { timeout: 60_000 }, async () => {
    const first = startDev(home);
    await reach(first);
    await first.kill("SIGKILL");
    expect(existsSync(path.join(home, "server.json"))).toBe(true);
    // This very test lives, and is no server: its pid was given to it after the server died.
    const claim = `pg.lock.${process.pid}-1`;
    const server = JSON.stringify({ pid: process.pid, url: "http://127.0.0.1:9", key_file: "x" });

    for (const states of [
      { "server.json": '{"pid":12', "pg.lock.1-1": "", "admin.key": "", "signing-key.json": '{"kty":"EC","crv' },
      { "server.json": server, [claim]: "holds\n", "admin.key": "cos_torn", "signing-key.json": "" },
    ]) {
      for (const [name, text] of Object.entries(states)) writeFileSync(path.join(home, name), text);
      const dev = startDev(home);
      const api = await reach(dev);
      expect((await api.call("GET", "/v1/auth/me")).status).toBe(200);
      await dev.kill("SIGKILL");
    }
  });

  test("of two at once on one folder serves with one, and the other says who holds it", { timeout: 60_000 }, async () => {
    for (const isNew of [true, false]) {
      const racers = [startDev(home), startDev(home)];
      const winner = await Promise.any(racers.map(async (dev) => (await dev.listening, dev)));
      const loser = racers.find((dev) => dev !== winner);
      const { code, stderr } = (await loser?.ended) ?? {};
      expect({ isNew, code, stderr }).toEqual({
        isNew,
        code: 2,
        stderr: expect.stringMatching(`^\\S+ is held by process ${winner.pid}: stop that process first\\n$`),
      });
      await winner.kill("SIGKILL");
    }
  });
});

describe("a start on the state of other sources", () => {
  test("brings what is older up to date, and goes on with what was there", { timeout: 60_000 }, async () => {
    const first = startDev(home);
    const before = await (await reach(first)).call("GET", "/v1/auth/me");
    await first.kill("SIGTERM");
    const { code, stdout } = await runCommand(home, ["migrate", "down", "2"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^taken back: \d{4}, \d{4}\n$/) });

    const second = startDev(home);
    const after = await (await reach(second)).call("GET", "/v1/auth/me");
    const versions = (stdout.match(/\d{4}/g) ?? []).toReversed().join(", ");
    const { stderr } = await second.kill("SIGTERM");
    const third = startDev(home);
    await reach(third);

    expect(stderr).toContain(`The state of older sources was brought up to date: migrations ${versions}\n`);
    expect([before.status, after.text]).toEqual([200, before.text]);
    expect((await third.kill("SIGTERM")).stderr).not.toContain("brought up to date");
    expect((await runCommand(home, ["migrate", "status"])).stdout).not.toContain("pending");
  });

  test("refuses what is newer, and says which migration it does not know", { timeout: 60_000 }, async () => {
    const first = startDev(home);
    await reach(first);
    await first.kill("SIGTERM");
    const database = await openDatabase(`pglite:${path.join(home, "pg")}`, { asOwner: true });
    await database.transact({ role: "owner" }, (db) =>
      db.query("INSERT INTO schema_migrations (version, name, checksum) VALUES ('9999', 'of_tomorrow', repeat('0', 64))", []),
    );
    await database.close();
    // As it is when the sources are older: they have another hash than the one that the folder was made from.
    rmSync(path.join(home, "pg/cognition-migrations"));

    const { code, stderr } = await startDev(home).ended;
    expect({ code, stderr }).toEqual({ code: 2, stderr: "Migration 9999_of_tomorrow was applied but is not in the folder\n" });
  });
});

describe("a server that is stopped while a run goes on", () => {
  test.each<[string, (dev: DevProcess) => ReturnType<DevProcess["interrupt"]>]>([
    ["Ctrl-C", (dev) => dev.interrupt()],
    ["SIGTERM", (dev) => dev.kill("SIGTERM")],
  ])("by %s ends soon, and the next start goes on with the run", { timeout: 60_000 }, async (_, stop) => {
    const model = createSlowModel({ plan: { "compute 1": [], "compute 2": [] }, programMs: 2_500 });
    fake = await createOpenAiFake({ script: model.script });
    const env = { LEASE_SECONDS: "600", WATCHDOG_SECONDS: "600", OPENAI_BASE_URL: fake.baseUrl, OPENAI_API_KEY: fake.apiKey };
    const dev = startDev(home, env);
    const follower = await reach(dev);
    const { runId } = await postGoal(follower, "Compute, and compute.");
    const stream = follower.call("GET", `/v1/runs/${runId}/events`);
    model.hold("compute 2");
    await until("a program runs and a model is asked", async () => model.isHolding() && hasCalledTool(await readFacts(follower, runId)));
    const children = listDescendants(dev.pid);

    const { code } = await stop(dev);
    expect((await stream).text).toContain("event: plan-stored");

    expect(code).toBe(0);
    expect(readdirSync(home).filter((name) => /^(?:server\.json|pg\.)/.test(name))).toEqual([]);
    expect(children.filter(isAlive)).toEqual([]);
    model.hold(undefined);
    const api = await reach(startDev(home, env));
    const log = await followUntil(api, runId);
    expect(await getRun(api, runId)).toMatchObject({ status: "completed" });
    expect(log.filter((fact) => /^task-(?:failed|retried)$/.test(fact.type))).toEqual([]);
  });
});

/** The model has answered the first task with the program that is to run. */
function hasCalledTool(log: readonly LoggedFact[]): boolean {
  return log.some((fact) => fact.type === "effect-answered" && fact["kind"] === "llm" && fact["name"] === "compute 1");
}

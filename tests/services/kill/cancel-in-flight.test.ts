import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import type { EffectMessage, EffectReport } from "../../../shared/effects/contract.ts";
import { createEffectWorker } from "../../../shared/effects/hands/carry-out-effects.ts";
import { processReports } from "../../../shared/orchestration/conductor/process-reports.ts";
import { cancelRun } from "../../../shared/orchestration/control/control-run.ts";
import { claimForHands } from "../../../shared/orchestration/ledger/claim-effects.ts";
import { extendLeases } from "../../../shared/orchestration/sql/claim-effects.ts";
import { countEffects, inspectRun, listViolations, readBooks, readLoads } from "../../world/inspect.ts";
import { openWorld, pricesOf, type World } from "../../world/open-world.ts";
import { reachExecution, takeMessages } from "../../world/reach-execution.ts";
import { planOf, succeedWith } from "../../world/scripted-hands.ts";
import { createFreshDatabase, type FreshDatabase } from "../fresh-database.ts";
import { toSqsEvent } from "./to-sqs-event.ts";

const IN_FLIGHT = 20;
const HANDS = 4;
const UNCLAIMED = 16;
const ANSWERED = 8;
const EXTEND_EVERY_SECONDS = 0.3;

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await createFreshDatabase(14);
});
afterAll(() => fresh.drop());

test(`a cancel with ${IN_FLIGHT} calls of models in flight ends them within one extension, and nothing comes after its answer`, async () => {
  const model = await openSilentModel();
  const world = await openWorld(fresh.deployed, { prices: pricesOf(100n, 60n), executorCapacity: 100 });
  const names = Array.from({ length: IN_FLIGHT + UNCLAIMED + ANSWERED }, (_, index) => [`t${index}`, []] as const);
  const runId = await reachExecution(world, { plan: planOf(Object.fromEntries(names)) }, 1_000_000n);
  const messages = takeMessages(world);
  const hands = openHands(world, model.url);
  const working = Array.from({ length: HANDS }, () => hands.carryOut(messages.splice(0, IN_FLIGHT / HANDS)));
  const answers = (await claimForHands(world.deps, messages.splice(0, ANSWERED))).map(
    ({ effect_id, lease_token }): EffectReport => ({ effect_id, lease_token, outcome: succeedWith("in time, or late") }),
  );
  await model.whenOpen(IN_FLIGHT);

  // Answers are being taken in, and hands are claiming, while the cancel comes.
  const conductors = answers.map((report) => processReports(world.deps, [report]));
  const actor = { role: "app", workspaceId: world.workspaceId, userId: world.workspaceId } as const;
  await cancelRun(world.deps, actor, runId);
  const answeredAt = hands.noteAnswer();
  const atAnswer = await readState(world, runId);
  await Promise.all(conductors);
  const claimedAfter = (await Promise.all(chunk(messages, 4).map((few) => claimForHands(world.deps, few)))).flat().length;
  await Promise.all(working);
  await processReports(world.deps, hands.reports.splice(0));

  const { run, facts } = await inspectRun(world, runId);
  const after = facts.filter((fact) => fact.number > atAnswer.eventSeq);
  // Only what was under way may still say that it came too late.
  const oldEpoch = after.filter(({ fact }) => !(fact.type === "effect-answered" && fact.state === "late"));
  const born = (await readState(world, runId)).effects - atAnswer.effects;
  const slowest = Math.max(...hands.aborts.map((abort) => abort.at - answeredAt));
  console.log(
    `${IN_FLIGHT} calls in flight at the cancel: effects claimed after the answer ${claimedAfter}, ` +
      `old-epoch commits ${oldEpoch.length + born}, open calls aborted within one extension (${EXTEND_EVERY_SECONDS} s): ` +
      `${hands.aborts.filter((abort) => abort.extensions <= 1).length}, the slowest after ${(slowest / 1_000).toFixed(2)} s`,
  );
  expect(run.status).toBe("cancelled");
  expect({ claimedAfter, oldEpoch, born }).toEqual({ claimedAfter: 0, oldEpoch: [], born: 0 });
  expect(hands.aborts).toHaveLength(IN_FLIGHT);
  expect(hands.aborts.filter((abort) => abort.extensions > 1)).toEqual([]);
  expect(model.cutOff()).toBe(IN_FLIGHT);
  expect(listViolations(facts)).toEqual([]);
  expect(await countEffects(world, runId)).toMatchObject({ cancelled: UNCLAIMED });
  expect(await readBooks(world, runId)).toMatchObject({ held: 0n, reserved: 0n });
  expect(await readLoads(world)).toEqual([]);
  await model.close();
});

/** A model that takes every call and answers none. */
async function openSilentModel() {
  let [open, cutOff] = [0, 0];
  const server = createServer((_, response) => {
    open += 1;
    response.on("close", () => (cutOff += 1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    cutOff: () => cutOff,
    async whenOpen(count: number) {
      while (open < count) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Hands that wait for the model, and count how often each of them asked after its leases since the cancel was answered. */
function openHands(world: World, url: string) {
  const reports: EffectReport[] = [];
  const aborts: { at: number; extensions: number }[] = [];
  let answered = false;
  return {
    reports,
    aborts,
    noteAnswer() {
      answered = true;
      return Date.now();
    },
    async carryOut(messages: EffectMessage[]): Promise<void> {
      let extensions = 0;
      const work = createEffectWorker({
        claim: (wanted) => claimForHands(world.deps, wanted),
        async extend(leases) {
          const isAfterwards = answered;
          const held = await world.deps.db.transact({ role: "engine" }, (db) =>
            extendLeases(db, leases, world.deps.leaseSeconds, world.deps.now()),
          );
          if (isAfterwards) extensions += 1;
          return held;
        },
        report: async (report) => void reports.push(report),
        async carryOut(effect, signal) {
          try {
            await fetch(url, { method: "POST", body: effect.effect_id, signal });
          } catch {
            aborts.push({ at: Date.now(), extensions });
          }
          return { status: "failed", error: { code: "stopped", detail: "stopped", retryable: false } };
        },
        extendEverySeconds: EXTEND_EVERY_SECONDS,
        concurrency: messages.length,
      });
      await work(toSqsEvent(messages));
    },
  };
}

async function readState(world: World, runId: string): Promise<{ eventSeq: number; effects: number }> {
  const State = z.tuple([z.object({ eventSeq: z.coerce.number(), effects: z.int() })]);
  const { rows } = await world.deps.db.transact({ role: "engine" }, (db) =>
    db.query(
      `SELECT event_seq AS "eventSeq", (SELECT count(*)::int FROM effects WHERE run_id = runs.id) AS effects FROM runs WHERE id = $1`,
      [runId],
    ),
  );
  return State.parse(rows)[0];
}

function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

import type { SQSEvent } from "aws-lambda";
import * as z from "zod";
import { queueTable } from "../../../functions/queue-table.ts";
import { createEffectWorker } from "../../../shared/effects/hands/carry-out-effects.ts";
import { createReportClient } from "../../../shared/effects/hands/report-client.ts";
import { answerRecall } from "../../../shared/orchestration/conductor/answer-recalls.ts";
import { conduct } from "../../../shared/orchestration/conductor/conduct.ts";
import { processRecords } from "../../../shared/orchestration/conductor/process-records.ts";
import type { ConductorDeps } from "../../../shared/orchestration/deps.ts";
import { claimForHands } from "../../../shared/orchestration/ledger/claim-effects.ts";
import { openLedger } from "../../../shared/orchestration/ledger/open-ledger.ts";
import { openRuns } from "../../../shared/orchestration/runs/open-runs.ts";
import { extendLeases } from "../../../shared/orchestration/sql/claim-effects.ts";
import { sendMessages } from "../../../shared/platform/aws/send-messages.ts";
import { readEnv } from "../../../shared/platform/config/env.ts";
import { openDatabase } from "../../../shared/platform/db/database.ts";
import { findPromptHash } from "../../../shared/prompts/find-prompt-hash.ts";
import { pricesOf } from "../../world/open-world.ts";
import { carryOut } from "../../world/scripted-hands.ts";
import { CALL_COST, CALL_WORST, killScript } from "./kill-script.ts";

const WorkerEnv = z.object({
  DATABASE_URL: z.string(),
  RESULTS_QUEUE_URL: z.url(),
  MODEL_URL: z.url(),
  WORKER: z.string(),
  EXTEND_EVERY_SECONDS: z.coerce.number(),
});
const Order = z.object({ id: z.int(), queue: z.string(), event: z.custom<SQSEvent>() });

/** A process that is conductor and hands: it is handed batches of the queues, as Lambda hands them, until it is killed. */
export async function main(): Promise<void> {
  const [runs, ledger] = await Promise.all([openRuns(), openLedger()]);
  // What on AWS are processes of their own shares one here, so it has more than one connection.
  const db = await openDatabase(readEnv(WorkerEnv).DATABASE_URL, { poolSize: 3 });
  const deps = { ...runs, ...ledger, db, hashPrompt: findPromptHash, prices: pricesOf(CALL_WORST, CALL_COST) };
  const conductor = conduct(deps, { recall: (effect) => answerRecall(deps, effect) });
  const work = openHands(conductor);
  process.on("message", (message) => {
    const { id, queue, event } = Order.parse(message);
    const answer = isForHands(queue) ? work(event) : processRecords(conductor, "control", event);
    answer.then(
      (failures) => process.send?.({ id, failures }),
      (error: unknown) => process.send?.({ id, error: String(error) }),
    );
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ ready: true });
}

const isForHands = (queue: string) => queue.startsWith("effects-");

function openHands(conductor: ConductorDeps): ReturnType<typeof createEffectWorker> {
  const env = readEnv(WorkerEnv);
  return createEffectWorker({
    claim: (messages) => claimForHands(conductor, messages),
    extend: (leases) =>
      conductor.db.transact({ role: "engine" }, (db) => extendLeases(db, leases, conductor.leaseSeconds, conductor.now())),
    report: createReportClient(sendMessages, env.RESULTS_QUEUE_URL),
    async carryOut(effect, signal) {
      // The model: how long it takes, and whether its caller lives to hear it, is known at the other end.
      const address = `${env.MODEL_URL}/${env.WORKER}/${effect.effect_id}`;
      await (await fetch(address, { method: "POST", signal })).text();
      return carryOut(killScript, effect);
    },
    extendEverySeconds: env.EXTEND_EVERY_SECONDS,
    concurrency: queueTable["effects-llm"].hand.atOnce,
  });
}

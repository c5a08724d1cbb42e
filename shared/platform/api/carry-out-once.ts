import { createHash } from "node:crypto";
import * as z from "zod";
import type { LookupTable } from "../aws/lookup-table.ts";
import { AppError } from "../errors.ts";
import { log } from "../log/logger.ts";
import type { Answer } from "./answer.ts";
import { deleteRecord, findRecord, type IdempotencyRecord, insertRecord, storeAnswer, takeOverRecord } from "./idempotency-record.ts";
import type { Incoming } from "./incoming.ts";

/** No function that answers HTTP runs longer than 29 s. */
const TRY_MILLISECONDS = 60_000;
/** An item may have 400 kB. */
const MAX_KEPT_CHARACTERS = 100_000;

const KeptAnswer = z.object({ statusCode: z.int(), headers: z.record(z.string(), z.string()), body: z.string() });

/** The request that came under `key`, and the id that it creates under unless an earlier try of it was given another. */
type Wish = { readonly key: string; readonly incoming: Incoming; readonly userId: string; readonly newId: string };

/** Carries a request out, unless another one under its key did or does. */
export async function carryOutOnce(table: LookupTable, wish: Wish, run: (newId: string) => Promise<Answer>): Promise<Answer> {
  const { key, incoming, userId, newId } = wish;
  const lockedUntil = incoming.now.getTime() + TRY_MILLISECONDS;
  const begun = await begin(table, { key, requestHash: hashRequest(incoming, userId), newId, lockedUntil }, incoming.now);
  return begun.kind === "answered" ? begun.answer : carryOut(table, begun.record, run);
}

type Begun = { kind: "mine"; record: IdempotencyRecord } | { kind: "answered"; answer: Answer };

async function begin(table: LookupTable, wanted: IdempotencyRecord, now: Date): Promise<Begun> {
  if (await insertRecord(table, wanted, now)) return { kind: "mine", record: wanted };
  const found = await findRecord(table, wanted.key);
  // Freed between the two statements: its owner failed.
  if (found === undefined) throw inProgress();
  if (found.requestHash !== wanted.requestHash) {
    throw new AppError("idempotency-conflict", "Use a new Idempotency-Key for a new request");
  }
  if (found.answer !== undefined) return { kind: "answered", answer: repeat(found.answer) };
  if (found.lockedUntil > now.getTime()) throw inProgress();
  if (!(await takeOverRecord(table, found, wanted.lockedUntil))) throw inProgress();
  return { kind: "mine", record: { ...found, lockedUntil: wanted.lockedUntil } };
}

async function carryOut(table: LookupTable, record: IdempotencyRecord, run: (newId: string) => Promise<Answer>): Promise<Answer> {
  let answer: Answer;
  try {
    answer = await run(record.newId);
  } catch (error) {
    await deleteRecord(table, record).catch((cause: unknown) => log.warn("idempotency key not freed", { error: cause }));
    throw error;
  }
  await keep(table, record, answer);
  return answer;
}

/** What was asked for is done: a failure here must not tell otherwise. A repetition is carried out again under the same newId. */
async function keep(table: LookupTable, record: IdempotencyRecord, answer: Answer): Promise<void> {
  if (answer.body.length > MAX_KEPT_CHARACTERS) {
    log.warn("answer too long to be kept", { characters: answer.body.length });
    return;
  }
  await storeAnswer(table, record, JSON.stringify(answer)).catch((error: unknown) => log.warn("answer not kept", { error }));
}

function repeat(text: string): Answer {
  const answer = KeptAnswer.parse(JSON.parse(text));
  return { ...answer, headers: { ...answer.headers, "idempotency-replayed": "true" } };
}

function inProgress(): AppError {
  return new AppError("idempotency-in-progress", "Ask again in a moment", { retryAfter: 1 });
}

function hashRequest({ params, query, body }: Incoming, userId: string): string {
  return createHash("sha256")
    .update(JSON.stringify([userId, params, query]))
    .update(body)
    .digest("hex");
}

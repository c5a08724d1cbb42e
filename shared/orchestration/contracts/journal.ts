import * as z from "zod";
import { EffectError, EffectKind, EffectState, SafetyClass } from "../../effects/contracts/effect.ts";
import { pageOf, pageQuery } from "../../platform/api/page.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { JsonObject, JsonValue } from "../../platform/json.ts";

const Timestamp = z.iso.datetime({ offset: true });
const Usd = z.string();

/** Bytes of a result that a list shows. */
export const MAX_SHOWN_RESULT_BYTES = 16_384;

export const RunEffect = z
  .strictObject({
    id: z.uuid(),
    task: z.strictObject({ id: z.uuid(), ordinal: z.int(), name: z.string() }),
    attempt: z.int().describe("of the task, from 1"),
    seq: z.int().describe("its place in the journal of the attempt, from 0"),
    kind: EffectKind,
    tool: z.string().nullable().describe("the tool that it calls"),
    safety: SafetyClass.describe("repeatable: sent again when its hand is lost; once: then unknown until somebody says what happened"),
    state: EffectState,
    try: z.int().describe("how often it was given to a hand, this time included"),
    sends: z.int().describe("messages that were sent for this try"),
    lease_until: Timestamp.nullable().describe("until when its hand has to report or extend; null while nobody has it"),
    hold: z
      .strictObject({
        held_usd: Usd.describe("reserved for a try that has not reported"),
        spent_usd: Usd.describe("what its tries have cost"),
        unsettled_usd: Usd.describe("of that: tries that were lost, booked at their whole hold"),
      })
      .describe("what it takes of the budget of its run"),
    request_sha256: z.string(),
    result_sha256: z.string().nullable(),
    result: JsonValue.describe(`what came back, also late; null without one, erased, or longer than ${MAX_SHOWN_RESULT_BYTES} bytes`),
    error: EffectError.nullable(),
    created_at: Timestamp,
    claimed_at: Timestamp.nullable(),
    answered_at: Timestamp.nullable(),
  })
  .meta({ id: "RunEffect" });
export type RunEffect = z.infer<typeof RunEffect>;

export const listRunEffects = defineRoute({
  id: "list-run-effects",
  method: "GET",
  path: "/v1/runs/{run_id}/effects",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "What a run had done outside of its journal, newest first: unknown outcomes, lost tries and late answers too",
  params: z.strictObject({ run_id: z.uuid() }),
  query: z.strictObject({
    state: EffectState.optional(),
    kind: EffectKind.optional(),
    safety: SafetyClass.optional(),
    ...pageQuery,
  }),
  status: 200,
  response: pageOf(RunEffect),
});

export const TaskLog = z
  .strictObject({
    id: z.uuid(),
    task_id: z.uuid(),
    timestamp: Timestamp,
    level: z.enum(["info", "warning", "error"]),
    message: z.string(),
    metadata: JsonObject.nullable(),
  })
  .meta({ id: "TaskLog" });
export type TaskLog = z.infer<typeof TaskLog>;

export const listTaskLogs = defineRoute({
  id: "list-task-logs",
  method: "GET",
  path: "/v1/tasks/{task_id}/logs",
  zone: "mind",
  auth: "user",
  scopes: ["runs:read"],
  summary: "How each attempt of a task ended, which hands were lost and which answers came late, oldest first; of a goal: of all its tasks",
  params: z.strictObject({ task_id: z.uuid() }),
  query: z.strictObject({ level: TaskLog.shape.level.optional(), ...pageQuery }),
  status: 200,
  response: pageOf(TaskLog),
});

export const journalRoutes = [listRunEffects, listTaskLogs];

import * as z from "zod";
import { EffectError, EffectKind, EffectState } from "../../effects/contracts/effect.ts";
import { JsonObject } from "../../platform/json.ts";
import { InboxKind, InboxState } from "./inbox/item-row.ts";

/**
 * The facts of a run, in the order they were committed. Each has a number in its run, from 1 without gaps. UI, stream, audit and replay
 * read nothing else.
 */
const task = { task_id: z.uuid(), ordinal: z.int(), name: z.string() };

export const Fact = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("run-created"), goal_sha256: z.string(), budget_usd: z.string().nullable() }),
  z.strictObject({ type: z.literal("phase-started"), phase: z.string() }),
  z.strictObject({
    type: z.literal("plan-stored"),
    tasks: z.array(z.strictObject({ ...task, depends_on: z.array(z.int()) })),
  }),
  /** By the executor of the task, which waits for them. `depends_on`: those among them, and what the task itself was given. */
  z.strictObject({
    type: z.literal("subtasks-proposed"),
    ...task,
    attempt: z.int(),
    depth: z.int(),
    tasks: z.array(z.strictObject({ ...task, depends_on: z.array(z.int()) })),
  }),
  /** A proposal that was not accepted, and why: its executor was told the same. */
  z.strictObject({ type: z.literal("subtasks-refused"), ...task, attempt: z.int(), error: EffectError }),
  z.strictObject({ type: z.literal("run-forked"), from_run_id: z.uuid(), from_task_id: z.uuid() }),
  z.strictObject({
    type: z.literal("task-reused"),
    ...task,
    from_task_id: z.uuid(),
    result_sha256: z.string(),
    /** By the person who forked, instead of the result that the task had. */
    given: z.boolean(),
  }),
  z.strictObject({ type: z.literal("task-started"), ...task, attempt: z.int(), agent: z.string() }),
  z.strictObject({
    type: z.literal("effect-answered"),
    ...task,
    effect_id: z.uuid(),
    seq: z.int(),
    kind: EffectKind,
    state: EffectState,
    /** The model or the tool that answered. */
    by: z.string().nullable(),
    /** Null when it costs nothing or its price is unknown. */
    cost_usd: z.string().nullable(),
    result_sha256: z.string().nullable(),
  }),
  z.strictObject({ type: z.literal("hold-exceeded"), ...task, effect_id: z.uuid(), held_usd: z.string(), cost_usd: z.string() }),
  z.strictObject({ type: z.literal("task-completed"), ...task, attempt: z.int(), duration_ms: z.int(), result_sha256: z.string() }),
  z.strictObject({
    type: z.literal("task-retried"),
    ...task,
    attempt: z.int(),
    error: EffectError,
    not_before: z.exactOptional(z.iso.datetime()),
    fallback: z.exactOptional(z.enum(["agent", "model", "task"])),
  }),
  z.strictObject({ type: z.literal("task-failed"), ...task, attempt: z.int(), error: EffectError }),
  /** Its policy lets the run go on without it: it counts as completed, with the result null. */
  z.strictObject({ type: z.literal("task-skipped"), ...task, attempt: z.int(), error: EffectError }),
  z.strictObject({
    type: z.literal("check-failed"),
    ...task,
    attempt: z.int(),
    /** Of the check in the task's policy. */
    position: z.int(),
    kind: z.string(),
    advisory: z.boolean(),
    reason: z.string(),
  }),
  z.strictObject({ type: z.literal("task-cancelled"), ...task, reason: z.string() }),
  z.strictObject({ type: z.literal("effect-resent"), ...task, effect_id: z.uuid(), seq: z.int(), try: z.int() }),
  z.strictObject({ type: z.literal("effect-unknown"), ...task, effect_id: z.uuid(), seq: z.int() }),
  z.strictObject({ type: z.literal("run-paused"), reason: z.string() }),
  z.strictObject({ type: z.literal("run-resumed"), budget_usd: z.string().nullable() }),
  z.strictObject({
    type: z.literal("replanned"),
    cause: z.enum(["failure", "rejection", "person"]),
    detail: z.string(),
    by: z.exactOptional(z.string()),
    /** How often the run may still be planned again. */
    left: z.int(),
  }),
  /** By a person, before it began. `fields`: what was changed, by the names of the API. */
  z.strictObject({ type: z.literal("task-updated"), ...task, fields: z.array(z.string()), by: z.string() }),
  z.strictObject({ type: z.literal("task-paused"), ...task, by: z.string() }),
  z.strictObject({ type: z.literal("task-resumed"), ...task, by: z.string() }),
  /** Everybody who could do what waits has failed again and again; this is whom it waits for. `code`: of the last failure. */
  z.strictObject({
    type: z.literal("agent-cooling-down"),
    agent_id: z.uuid(),
    agent: z.string(),
    code: z.string(),
    until: z.iso.datetime(),
  }),
  z.strictObject({ type: z.literal("run-completed"), result_sha256: z.string() }),
  z.strictObject({ type: z.literal("run-failed"), error: EffectError }),
  z.strictObject({ type: z.literal("run-cancelled"), by: z.string() }),
  z.strictObject({
    type: z.literal("budget-set"),
    scope: z.enum(["run", "task"]),
    task_id: z.exactOptional(z.uuid()),
    limit_usd: z.string().nullable(),
    by: z.string(),
  }),
  z.strictObject({
    type: z.literal("inbox-item-opened"),
    item_id: z.uuid(),
    kind: InboxKind,
    task_id: z.exactOptional(z.uuid()),
    effect_id: z.exactOptional(z.uuid()),
    expires_at: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal("inbox-item-closed"),
    item_id: z.uuid(),
    kind: InboxKind,
    state: InboxState,
    /** Null: nobody decided in time. */
    by: z.string().nullable(),
    decision: JsonObject,
  }),
]);
export type Fact = z.infer<typeof Fact>;

/** The facts after which a run writes no more. */
export function isLastFact(type: string): boolean {
  return type === "run-completed" || type === "run-failed" || type === "run-cancelled";
}

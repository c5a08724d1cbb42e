import * as z from "zod";
import { TaskPolicy } from "../../agents/contracts/task-policy.ts";
import type { CheckOutcome } from "../../agents/domain/journal.ts";
import type { EffectOutcome } from "../../effects/contract.ts";
import { EffectError, EffectKind, EffectState, SafetyClass } from "../../effects/contracts/effect.ts";
import { JsonValue } from "../../platform/json.ts";
import type { ApprovalRule, InboxItemRow } from "./inbox/item-row.ts";
import { PlanContract } from "./plan-contract/plan-contract.ts";

/** The vocabulary of one batch: what was locked, what is asked, what is answered. Money is nano-dollars. */

const Nano = z.string().transform(BigInt);
const Time = z.string().nullable();

/** Why a run was planned again: a task failed for good, the critic rejected what came of the plan, or a person asked for it. */
export const Replan = z.object({
  cause: z.enum(["failure", "rejection", "person"]),
  detail: z.string(),
  /** What the person wants to be different. */
  note: z.exactOptional(z.string()),
  /** Of the person's request, which may come twice. */
  request_id: z.exactOptional(z.uuid()),
});
export type Replan = z.infer<typeof Replan>;

export const RunRow = z.object({
  id: z.uuid(),
  workspace_id: z.uuid(),
  user_id: z.uuid(),
  root_task_id: z.uuid(),
  goal: z.string(),
  status: z.enum(["pending", "running", "paused", "completed", "failed", "cancelled"]),
  phase: z.enum(["plan", "execute", "review", "summarize", "fail", "call", "end"]),
  epoch: z.int(),
  plan_version: z.int(),
  open_tasks: z.int(),
  event_seq: z.int(),
  phase_token: z.string().nullable(),
  execution_number: z.int(),
  watchdog_seq: z.int(),
  phase_due: JsonValue,
  error: EffectError.nullable(),
  replans_left: z.int(),
  replans: z.array(Replan),
  pause_reason: z.enum(["person", "budget", "plan"]).nullable(),
  /** Somebody said to finish with what there is. */
  is_finishing: z.boolean(),
  /** What its plan is held to; null where nobody wanted to be asked. */
  contract: PlanContract.nullable(),
});
export type RunRow = z.infer<typeof RunRow>;

export const AttemptRow = z.object({
  id: z.uuid(),
  run_id: z.uuid(),
  task_id: z.uuid(),
  agent_id: z.uuid(),
  number: z.int(),
  status: z.enum(["running", "completed", "failed", "cancelled"]),
  version: z.int(),
  /** When its time is up; null: it has as long as it likes, or its run is paused. */
  deadline_at: Time,
  /** What was left of its time when its run was paused. */
  remaining_ms: z.int().nullable(),
  started_at: Time.optional(),
});
export type AttemptRow = z.infer<typeof AttemptRow>;

export const EffectRow = z.object({
  id: z.uuid(),
  run_id: z.uuid(),
  task_id: z.uuid(),
  attempt_id: z.uuid(),
  seq: z.int(),
  kind: EffectKind,
  state: EffectState,
  try: z.int(),
  safety: SafetyClass,
  request_sha256: z.string(),
  lease_token: z.uuid().nullable(),
  lease_until: Time,
  claimed_at: Time,
  worst_cost_nano: Nano,
  created_at: z.string(),
  /** Of this try: how often its message was handed to the queue, and when last; null: when the effect was created. */
  sends: z.int(),
  sent_at: Time,
});
export type EffectRow = z.infer<typeof EffectRow>;

export const HoldRow = z.object({
  id: z.uuid(),
  budget_id: z.uuid(),
  effect_id: z.uuid(),
  try: z.int(),
  amount_nano: Nano,
  settled_nano: Nano.nullable(),
  state: z.enum(["held", "settled", "unsettled", "released"]),
});
export type HoldRow = z.infer<typeof HoldRow>;

export const TaskRow = z.object({
  id: z.uuid(),
  run_id: z.uuid(),
  kind: z.enum(["goal", "planner", "executor", "critic", "summarizer", "call"]),
  ordinal: z.int(),
  name: z.string(),
  status: z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]),
  pending_dependencies: z.int(),
  attempts: z.int(),
  /** By a person, while its run goes on. */
  is_paused: z.boolean(),
  agent_id: z.uuid().nullable(),
  started_at: Time,
  policy: TaskPolicy,
  /** Pending, it does not begin before. */
  not_before: Time,
  /** Its fallback is what is tried now. */
  on_fallback: z.boolean(),
  /** Nothing of it is begun before a person said so. */
  requires_approval: z.boolean(),
  /** How often it was changed before it began. */
  revision: z.int(),
});
export type TaskRow = z.infer<typeof TaskRow>;

export const BudgetScope = z.enum(["workspace", "run", "task", "user", "day"]);
export type BudgetScope = z.infer<typeof BudgetScope>;

export const BudgetRow = z.object({
  id: z.uuid(),
  workspace_id: z.uuid(),
  scope: BudgetScope,
  run_id: z.uuid().nullable(),
  /** Of a user, and of a user's day; a day without one is the workspace's. */
  user_id: z.uuid().nullable(),
  task_id: z.uuid().nullable(),
  /** UTC, as 2026-01-31. */
  day: z.string().nullable(),
  limit_nano: Nano.nullable(),
  spent_nano: Nano,
  held_nano: Nano,
  /** Tasks of the workspace that run now, and that may: counted on the row of the workspace alone. */
  running_tasks: z.int(),
  max_running_tasks: z.int(),
});
export type BudgetRow = z.infer<typeof BudgetRow>;

export const AgentRow = z.object({
  id: z.uuid(),
  name: z.string(),
  /** As somebody set it: `offline` is retired. */
  status: z.string(),
  max_concurrent_tasks: z.int(),
  current_task_count: z.int(),
  consecutive_failures: z.int(),
  cool_down_until: Time,
  last_failure: z.object({ code: z.string(), at: z.string() }).nullable(),
});
export type AgentRow = z.infer<typeof AgentRow>;

/** Everything the judge may look at, locked and fresh. */
export const LockedRows = z.object({
  runs: z.array(RunRow),
  attempts: z.array(AttemptRow),
  effects: z.array(EffectRow),
  holds: z.array(HoldRow),
  tasks: z.array(TaskRow),
  /** Who waits for the tasks that may complete. */
  edges: z.array(z.object({ task_id: z.uuid(), depends_on: z.uuid() })),
  /** Who falls with the tasks that may fail, at any distance. */
  descendants: z.array(z.object({ task_id: z.uuid(), ancestor: z.uuid() })),
  budgets: z.array(BudgetRow),
  agents: z.array(AgentRow),
});
/** `items`: what waits for a person; read only where a run is changed as a whole. */
export type LockedRows = z.infer<typeof LockedRows> & { items?: readonly InboxItemRow[] };

export type NewPayload = { id: string; sha256: string; body: JsonValue };

/** An effect that will exist if its step is accepted. `worst_cost_nano` 0 takes no hold. */
export type NewEffect = {
  id: string;
  seq: number;
  kind: EffectKind;
  safety: SafetyClass;
  request: NewPayload;
  worst_cost_nano: bigint;
  /** Taken with its creation, by the process that creates it. Without it the effect is due, and whoever claims it first has it. */
  lease?: { token: string; seconds: number };
};

/** What an answered LLM call cost. `cost_nano` null: the price is unknown. */
export type Charge = {
  provider: string;
  model: string;
  input_tokens: number;
  output_tokens: number;
  cached_tokens: number;
  cost_nano: bigint | null;
  price_status: "priced" | "offline" | "local" | "unpriced";
  price_source: string | null;
};

export type Report = {
  effect_id: string;
  lease_token: string;
  outcome: EffectOutcome;
  /** Set when the outcome is done. */
  result: NewPayload | null;
  charge: Charge | null;
  /** For a tool call: which tool, and the hash of its arguments. */
  tool: { name: string; request_sha256: string } | null;
};

/** A task of an accepted plan, with the ids it will have; or the one task of another phase, outside the plan (ordinal 0). */
export type NewTask = {
  id: string;
  kind: "planner" | "executor" | "critic" | "summarizer";
  ordinal: number;
  name: string;
  description: string;
  complexity: "low" | "medium" | "high";
  required_capabilities: string[];
  /** Tasks of the same plan. */
  depends_on: string[];
  /** Tasks of an earlier plan that have completed: their results are read, and nobody waits for them. */
  finished_parents?: { id: string; ordinal: number }[];
  estimated_duration_seconds: number;
  fallback_strategy: string;
  policy: TaskPolicy;
  agent_id: string;
  /** Seconds of work on the longest way from it to the end of its plan; 0 outside of a plan. */
  priority?: number;
  /** Of a subtask: the task that waits for it, how deep it lies below the plan, and what that task's agent noted for the end. */
  subtask?: { of: string; depth: number; notes: string | null };
};

/** Subtasks that an executor asked for: an effect that the core has answered before it is written. */
export type Proposal = Omit<NewEffect, "lease"> & { answer: { result: NewPayload } | { error: EffectError } };

export type Move =
  | { kind: "effects"; effects: NewEffect[] }
  | { kind: "done"; result: NewPayload; plan: NewTask[] | null; checks?: CheckOutcome[] | undefined }
  /** `other_agent_id`: who could try in its agent's place, where the policy of its task may ask for that. `spared_attempts`: those that count as no try. */
  | { kind: "failed"; error: EffectError; checks?: CheckOutcome[] | undefined; other_agent_id?: string | null; spared_attempts?: number }
  /** The attempt ends, its task waits for these. `plan_version`: of its run when they were laid out; `cost_nano`: what they may cost by the past. */
  | { kind: "subtasks"; tasks: NewTask[]; plan_version: number; cost_nano: bigint };

/** All results of one attempt in the batch, and what `decide` made of them. */
export type Step = {
  attempt_id: string;
  version: number;
  epoch: number;
  reports: Report[];
  move: Move;
  /** Effects that are open while the attempt fails, because its time is up. */
  abandons?: string[];
  /** Of its agent, that are answered with it. */
  proposals?: Proposal[];
};

/** A task's next attempt, decided beforehand and begun only if the task is ready and there is room and money. */
export type Start = {
  task_id: string;
  attempt_id: string;
  /** Which attempt of its task it is, from 1: begun by somebody else meanwhile, the next one is another. */
  number: number;
  /** What its briefing was drafted from: a task that was changed meanwhile begins with another. */
  revision: number;
  agent_id: string;
  briefing: NewPayload;
  effects: NewEffect[];
  /** Results that its briefing refers to and that only this batch stores: it may begin with them, or not at all. */
  relies_on: { task_id: string; payload_id: string }[];
};

export type Batch = {
  steps: Step[];
  starts: Start[];
  now: Date;
  newId: () => string;
  /** By workspace; what is absent asks for no tool. */
  approvals?: ReadonlyMap<string, ApprovalRule>;
};

export type StepVerdict = "ok" | "moved-on" | "paused" | "late" | "unknown" | "budget";
export type ReportVerdict = "ok" | "duplicate" | "stale" | "late" | "unknown";
export type StartVerdict = "ok" | "not-ready" | "unavailable" | "capacity" | "budget" | "late" | "unknown";

/** The answer that a phase of the state machine waits for; kept on the run until the next phase begins. */
export const PhaseDue = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("success"), output: z.record(z.string(), z.json()) }),
  z.strictObject({ kind: z.literal("failure"), error: EffectError }),
]);
export type PhaseDue = z.infer<typeof PhaseDue>;

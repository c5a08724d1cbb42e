import type { NewTask, PhaseDue } from "./batch.ts";
import { PhaseDue as PhaseDueSchema } from "./batch.ts";
import { type Board, type BoardRun, change, record } from "./board.ts";
import { hasEnded } from "./judge-steps.ts";
import { storePlan } from "./judge-tasks.ts";
import type { LaidOutPlan } from "./lay-out-plan.ts";
import { failPhase, isReplanDue } from "./plan-again.ts";
import { askForPlan, type PlanTerms } from "./plan-contract/ask-for-plan.ts";

const ORDER = ["plan", "execute", "review", "summarize", "end"] as const;

export type Phase = "plan" | "execute" | "review" | "summarize";

const TASK_OF_PHASE = {
  plan: { kind: "planner", name: "Plan the goal" },
  review: { kind: "critic", name: "Review the results" },
  summarize: { kind: "summarizer", name: "Summarize the run" },
} as const;

/** `owed`: the phase is behind us or its end is due already, so the token is answered at once. */
export type PhaseEntry = { kind: "owed"; due: PhaseDue } | { kind: "waiting" } | { kind: "begun" };

/** What a phase needs: the agent that does its task, where it has one, or the plan that came with the goal. */
export type PhaseMeans = {
  agentId: string | undefined;
  givenPlan?: (() => LaidOutPlan) | undefined;
  /** What a person is to approve before the plan begins, where one wants to be asked. */
  terms?: PlanTerms | undefined;
};

/**
 * A phase message: the state machine waits with `token` for a phase to end. Idempotent: a message for a phase that goes on only replaces
 * the token, and one for a phase that is past gets the answer it missed.
 */
export function enterPhase(board: Board, run: BoardRun, phase: Phase, token: string, means: PhaseMeans): PhaseEntry {
  if (hasEnded(run)) return { kind: "owed", due: endOf(run) };
  const place = placeOf(run, phase);
  if (place === "past") return { kind: "owed", due: { kind: "success", output: { approved: true } } };
  if (place === "early") return { kind: "waiting" };
  change(board, "runs", run).phase_token = token;
  if (place === "current") {
    const due = PhaseDueSchema.safeParse(run.phase_due).data;
    return due === undefined ? { kind: "waiting" } : { kind: "owed", due };
  }
  if (phase === "plan" && isReplanDue(run)) run.replans_left -= 1;
  if (run.status === "pending") run.status = "running";
  run.started_at = board.now;
  run.phase = phase;
  run.phase_due = null;
  record(board, run.id, { type: "phase-started", phase });
  return phase === "execute" ? beginPlan(board, run, means) : beginPhase(board, run, phase, means);
}

/**
 * Where a phase stands to the one that a run is in. Only what follows a success is next, or planning where another plan is due: queues
 * double messages, and one that an earlier plan led to would else begin a phase before this plan has come so far.
 */
function placeOf(run: BoardRun, phase: Phase): "past" | "current" | "next" | "early" {
  const isReplan = isReplanDue(run);
  if (run.status === "pending" || (isReplan && phase === "plan")) return "next";
  // The call of one tool has no phases: whoever waits for one waits in vain.
  if (run.phase === "fail" || run.phase === "call") return "past";
  const ahead = ORDER.indexOf(phase) - ORDER.indexOf(run.phase);
  if (ahead <= 0) return ahead === 0 ? "current" : "past";
  return PhaseDueSchema.safeParse(run.phase_due).data?.kind === "success" && !isReplan ? "next" : "early";
}

function beginPhase(board: Board, run: BoardRun, phase: Exclude<Phase, "execute">, { agentId, givenPlan }: PhaseMeans): PhaseEntry {
  if (phase === "plan" && givenPlan !== undefined) {
    const plan = givenPlan();
    return plan.ok ? { kind: "owed", due: storePlan(board, run, plan.tasks) } : lackAgent(run, plan.problem);
  }
  if (agentId === undefined) return lackAgent(run, `The workspace has no ${TASK_OF_PHASE[phase].kind} agent`);
  board.inserts.tasks.push({
    ...phaseTask(board, phase, agentId, run.replans.length > 0),
    workspace_id: run.workspace_id,
    run_id: run.id,
    user_id: run.user_id,
    parent_task_id: run.root_task_id,
  });
  return { kind: "begun" };
}

function lackAgent(run: BoardRun, detail: string): PhaseEntry {
  return { kind: "owed", due: failPhase(run, { code: "no-agent", detail, retryable: false }) };
}

/** A plan of which nothing is left to do, because all of it was cancelled or reused, has ended where it begins. */
function beginPlan(board: Board, run: BoardRun, { terms }: PhaseMeans): PhaseEntry {
  if (run.open_tasks > 0) {
    if (terms !== undefined) askForPlan(board, run, terms);
    return { kind: "begun" };
  }
  const due: PhaseDue = run.error === null ? { kind: "success", output: {} } : { kind: "failure", error: run.error };
  run.phase_due = due;
  return { kind: "owed", due };
}

function phaseTask(board: Board, phase: Exclude<Phase, "execute">, agentId: string, isAgain: boolean): NewTask {
  return {
    id: board.newId(),
    ...TASK_OF_PHASE[phase],
    ...(phase === "plan" && isAgain ? { name: "Plan again" } : {}),
    ordinal: 0,
    description: "",
    complexity: "low",
    required_capabilities: [],
    depends_on: [],
    estimated_duration_seconds: 0,
    fallback_strategy: "",
    policy: {},
    agent_id: agentId,
  };
}

function endOf(run: BoardRun): PhaseDue {
  if (run.status === "completed") return { kind: "success", output: { approved: true } };
  return { kind: "failure", error: run.error ?? { code: run.status, detail: `The run is ${run.status}`, retryable: false } };
}

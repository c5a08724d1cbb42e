import * as z from "zod";
import { findSafety } from "../../tools/safety.ts";
import { CriticAnswer, ExecutorAnswer, Plan, SummarizerAnswer } from "../contract.ts";
import { converse, type Reading } from "./converse.ts";
import { type Briefing, type CallBriefing, failWith, type JournalEntry, type Next, waitForOpenEffects } from "./journal.ts";
import { readAnswer } from "./read-answer.ts";
import { validatePlan } from "./validate-plan.ts";

/** Memories that a planner is shown. */
const RECALLED_MEMORIES = 5;

export const RecalledMemories = z.array(z.strictObject({ id: z.uuid(), content: z.string() }));

/**
 * What an agent does next, from its briefing and the journal of its attempt alone: no clock, no randomness, no I/O. So a crashed attempt
 * resumes without paying again for what was answered, and a finished one replays without a single call.
 */
export function decide(briefing: Briefing | CallBriefing, journal: readonly JournalEntry[]): Next {
  switch (briefing.role) {
    case "planner":
      return decidePlanner(briefing, journal);
    case "executor":
      return converse(briefing, briefing.variables, journal, readExecutor, safetyOf);
    case "critic":
      return converse(briefing, briefing.variables, journal, readCritic, safetyOf);
    case "summarizer":
      return converse(briefing, briefing.variables, journal, readSummarizer, safetyOf);
    case "caller":
      return decideCaller(briefing, journal);
  }
}

/** The call itself, and what came of it. */
function decideCaller({ call }: CallBriefing, [answer]: readonly JournalEntry[]): Next {
  if (answer === undefined) return { kind: "effects", intents: [{ kind: "tool", safety: safetyOf(call.tool), request: call }] };
  if (answer.state === "open") return waitForOpenEffects;
  return answer.state === "done" ? { kind: "done", result: answer.result } : { kind: "failed", error: answer.error };
}

/** A planner recalls what earlier runs taught before it asks its model; a failed recall only means that it remembers nothing. */
function decidePlanner(briefing: Briefing, journal: readonly JournalEntry[]): Next {
  const [recall, ...conversation] = journal;
  if (recall === undefined) {
    const query = z.string().parse(briefing.variables["goal"]).slice(0, 2_000);
    return { kind: "effects", intents: [{ kind: "recall", safety: "repeatable", request: { query, limit: RECALLED_MEMORIES } }] };
  }
  if (recall.state === "open") return waitForOpenEffects;
  const recalled = recall.state === "done" ? RecalledMemories.safeParse(recall.result).data : undefined;
  const memories = recalled?.map((memory) => memory.content) ?? [];
  return converse(briefing, { ...briefing.variables, memories }, conversation, (text) => readPlan(text, briefing.tools), safetyOf);
}

function readPlan(text: string, tools: readonly string[]): Reading {
  return readAnswer(text, Plan, (plan) => {
    const problems = validatePlan(plan, tools);
    if (problems.length === 0) return { kind: "done", result: { tasks: plan.tasks.length, risks: plan.risks }, plan };
    return {
      ok: false,
      correction: `The plan cannot be carried out:\n${problems
        .slice(0, 20)
        .map((problem) => `- ${problem}`)
        .join("\n")}`,
    };
  });
}

function readExecutor(text: string): Reading {
  return readAnswer(text, ExecutorAnswer, (answer) => {
    // The details stay in the journal; what later tasks work with is the result.
    if (answer.status === "success") return { kind: "done", result: answer.output.result };
    const [, code = "task-failed", reason = answer.error] = /^([a-z][a-z_-]{2,60}):\s*(.*)$/s.exec(answer.error) ?? [];
    return failWith(code, reason || answer.output.details || "The agent reported a failure without a reason");
  });
}

const readCritic = (text: string): Reading => readAnswer(text, CriticAnswer, (answer) => ({ kind: "done", result: answer }));

const readSummarizer = (text: string): Reading => readAnswer(text, SummarizerAnswer, (answer) => ({ kind: "done", result: answer }));

/** A tool that does not exist changes nothing: its worker says so, and the model reads it. */
function safetyOf(tool: string): "repeatable" | "once" {
  return findSafety(tool) ?? "repeatable";
}

import * as z from "zod";
import { findSafety } from "../../tools/safety.ts";
import { CriticAnswer, ExecutorAnswer, SummarizerAnswer } from "../contract.ts";
import type { Checks } from "../load-checks.ts";
import { converse, type Reading } from "./converse.ts";
import { type Briefing, type CallBriefing, failWith, type JournalEntry, type Next, waitForOpenEffects } from "./journal.ts";
import { readAnswer } from "./read-answer.ts";

/** Memories that a planner is shown. */
const RECALLED_MEMORIES = 5;

export const RecalledMemories = z.array(z.strictObject({ id: z.uuid(), content: z.string() }));

/**
 * What an agent does next, from its briefing and the journal of its attempt alone: no clock, no randomness, no I/O. So a crashed attempt
 * resumes without paying again for what was answered, and a finished one replays without a single call.
 */
export function decide(briefing: Briefing | CallBriefing, journal: readonly JournalEntry[], checks?: Checks): Next {
  switch (briefing.role) {
    case "planner":
      return decidePlanner(briefing, journal, checks);
    case "executor":
      return decideExecutor(briefing, journal, checks);
    case "critic":
      return converse(briefing, briefing.variables, journal, readCritic, safetyOf);
    case "summarizer":
      return converse(briefing, briefing.variables, journal, readSummarizer, safetyOf);
    case "caller":
      return decideCaller(briefing, journal);
  }
}

/** A result counts when it has passed the checks of its task. Programs among them are asked for after the last answer of the model. */
function decideExecutor(briefing: Briefing, journal: readonly JournalEntry[], checks: Checks | undefined): Next {
  const next = converse(briefing, briefing.variables, journal, readExecutor, safetyOf);
  const acceptance = briefing.acceptance ?? [];
  if (next.kind !== "done" || acceptance.length === 0) return next;
  const tests = journal.slice(journal.findLastIndex((entry) => entry.kind === "llm") + 1);
  return needChecks(checks).acceptResult(acceptance, next.result, tests);
}

/** The call itself, and what came of it. */
function decideCaller({ call }: CallBriefing, [answer]: readonly JournalEntry[]): Next {
  if (answer === undefined) return { kind: "effects", intents: [{ kind: "tool", safety: safetyOf(call.tool), request: call }] };
  if (answer.state === "open") return waitForOpenEffects;
  return answer.state === "done" ? { kind: "done", result: answer.result } : { kind: "failed", error: answer.error };
}

/** A planner recalls what earlier runs taught before it asks its model; a failed recall only means that it remembers nothing. */
function decidePlanner(briefing: Briefing, journal: readonly JournalEntry[], checks: Checks | undefined): Next {
  const [recall, ...conversation] = journal;
  if (recall === undefined) {
    const query = z.string().parse(briefing.variables["goal"]).slice(0, 2_000);
    return { kind: "effects", intents: [{ kind: "recall", safety: "repeatable", request: { query, limit: RECALLED_MEMORIES } }] };
  }
  if (recall.state === "open") return waitForOpenEffects;
  const recalled = recall.state === "done" ? RecalledMemories.safeParse(recall.result).data : undefined;
  const memories = recalled?.map((memory) => memory.content) ?? [];
  return converse(
    briefing,
    { ...briefing.variables, memories },
    conversation,
    (text) => needChecks(checks).readPlan(text, briefing),
    safetyOf,
  );
}

/** Whoever asks for a decision loads them first: a check that is not there must not pass for one that passed. */
function needChecks(checks: Checks | undefined): Checks {
  if (checks === undefined) throw new Error("a decision needs checks that were not loaded");
  return checks;
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

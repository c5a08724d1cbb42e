import * as z from "zod";
import { invalidRequest, unsupportedOffline } from "../../../platform/errors.ts";
import type { JsonObject } from "../../../platform/json.ts";
import type { LlmAnswer, LlmCall, ToolCall } from "../../contract.ts";
import type { LlmProvider } from "../provider.ts";
import { PlannerVariables, ReviewVariables } from "./calls.ts";
import { reviewTasks } from "./critic.ts";
import { executeStep } from "./executor/execute-step.ts";
import { planGoal } from "./planner/plan-goal.ts";
import { summarizeRun } from "./summarizer.ts";

export const OFFLINE_MODEL = "offline-rules-v1";

const BYTES_PER_TOKEN = 4;

/**
 * The provider that needs no model: rules for the four prompts, within the grammar of docs/offline-rules.md. The same call gives
 * the same bytes. Outside the grammar it refuses with the step and the reason; it never fills in.
 */
export function createOfflineProvider(): LlmProvider {
  return {
    id: "offline",
    complete: async (call, { signal }) => {
      signal.throwIfAborted();
      const answer = answerCall(call);
      const usage = {
        model: OFFLINE_MODEL,
        input_tokens: countTokens(call),
        output_tokens: countTokens([answer.text, answer.tool_calls]),
        cached_input_tokens: 0,
      };
      return { answer, usage };
    },
  };
}

function answerCall(call: LlmCall): LlmAnswer {
  try {
    return dispatch(call);
  } catch (error) {
    if (error instanceof z.ZodError) throw invalidRequest(`the prompt ${call.prompt.name} was given other variables than it declares`);
    throw error;
  }
}

function dispatch(call: LlmCall): LlmAnswer {
  switch (call.prompt.name) {
    case "planner": {
      const { goal, files } = PlannerVariables.parse(call.variables);
      const correction = call.turns.find((turn) => turn.kind === "correction");
      if (correction !== undefined) throw unsupportedOffline(`the plan was refused (${correction.text}), and the rules have no other`);
      return say(
        planGoal(
          goal,
          files.map((file) => file.path),
        ),
      );
    }
    case "replanner":
      throw unsupportedOffline("the rules plan by the words of the goal alone, so another plan would be the same again");
    case "executor": {
      const reply = executeStep(call);
      return "call" in reply ? askFor(reply.call) : say(reply.answer);
    }
    case "critic":
      return say(reviewTasks(ReviewVariables.parse(call.variables), call.inputs));
    case "summarizer":
      return say(summarizeRun(ReviewVariables.parse(call.variables), call.inputs));
    default:
      throw unsupportedOffline(`the rules know the prompts planner, executor, critic and summarizer, and not ${call.prompt.name}`);
  }
}

function say(answer: object): LlmAnswer {
  return { ...ANSWER, text: JSON.stringify(answer), tool_calls: [], finish_reason: "stop" };
}

function askFor(call: ToolCall): LlmAnswer {
  return { ...ANSWER, text: "", tool_calls: [call], finish_reason: "tool_calls" };
}

const ANSWER = { model: OFFLINE_MODEL, provider_request_id: null } as const;

/** An estimate, like any offline count: a quarter of the bytes. */
function countTokens(value: JsonObject | LlmCall | readonly unknown[]): number {
  return Math.ceil(Buffer.byteLength(JSON.stringify(value)) / BYTES_PER_TOKEN);
}

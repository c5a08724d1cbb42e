import * as z from "zod";
import type { JsonValue } from "../../platform/json.ts";

const MAX_GOAL = 1_000;
const MAX_SUMMARY = 4_000;

/** What is remembered of a finished run: what was asked and what came of it, as one text that full-text search finds by either. */
export function describeEpisode(goal: string, result: JsonValue): string {
  const parsed = z.object({ summary: z.string(), key_points: z.array(z.string()) }).safeParse(result).data;
  const points = parsed?.key_points.map((point) => `- ${point}`).join("\n") ?? "";
  const outcome = [parsed?.summary ?? "", points].filter((part) => part !== "").join("\n");
  return `Goal: ${goal.slice(0, MAX_GOAL)}\nOutcome: ${outcome.slice(0, MAX_SUMMARY)}`;
}

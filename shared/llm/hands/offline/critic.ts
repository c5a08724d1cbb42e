import type { InputValue } from "../../contract.ts";
import type { CriticAnswer, Issue, ReviewVariables } from "./calls.ts";
import { listResults, parseResult, type SingleResult } from "./results.ts";

const PENALTY = { high: 4, medium: 2, low: 0.5 } as const;

type Fault = Pick<Issue, "severity" | "category" | "description">;

/**
 * Checks facts, not taste: every completed task has a result, and each result is whole in itself. Only faults of high severity
 * refuse the run.
 */
export function reviewTasks({ tasks }: ReviewVariables, inputs: readonly InputValue[]): CriticAnswer {
  const issues = tasks.flatMap((task) => {
    const input = inputs.find((candidate) => candidate.ordinal === task.ordinal);
    const location = `task ${task.ordinal}: ${task.name}`;
    return faultsOfTask(task.status, input).map((fault): Issue => ({ ...fault, location, suggestion: SUGGESTION }));
  });
  const penalty = issues.reduce((sum, { severity }) => sum + PENALTY[severity], 0);
  const strengths = issues.length === 0 ? [`all ${tasks.length} tasks completed with results that are whole`] : [];
  const approved = issues.every((issue) => issue.severity !== "high");
  return { approved, overall_score: Math.max(0, 10 - penalty), issues, strengths };
}

const SUGGESTION = "look at the error or the result of the task";

function faultsOfTask(status: string, input: InputValue | undefined): readonly Fault[] {
  if (status !== "completed") return [{ severity: "high", category: "completeness", description: `the task is ${status}` }];
  if (input === undefined || input.result === null)
    return [{ severity: "high", category: "completeness", description: "the task has no result" }];
  const result = parseResult(input.result);
  return result === null ? [] : listResults(result).flatMap(faultsOfResult);
}

function faultsOfResult(result: SingleResult): readonly Fault[] {
  switch (result.kind) {
    case "file":
      return result.bytes > 0 ? [] : [{ severity: "low", category: "completeness", description: `${result.path} is empty` }];
    case "number":
      return Number.isFinite(result.value)
        ? []
        : [{ severity: "high", category: "correctness", description: `${result.label} is no number` }];
    case "table": {
      const isRagged = result.rows.some((row) => row.length !== result.columns.length);
      if (isRagged) return [{ severity: "high", category: "correctness", description: `rows of "${result.title}" do not fit its columns` }];
      return result.rows.length > 0
        ? []
        : [{ severity: "low", category: "completeness", description: `the table "${result.title}" has no rows` }];
    }
  }
}

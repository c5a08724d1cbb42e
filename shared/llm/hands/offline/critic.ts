import type { InputValue } from "../../contract.ts";
import type { CriticAnswer, Issue, ReviewVariables } from "./calls.ts";
import { listResults, parseResult, type SingleResult } from "./results.ts";

const PENALTY = { high: 4, medium: 2, low: 0.5 } as const;

/** Checks facts, not taste: every completed task has a result, and each result is whole in itself. */
export function reviewTasks({ tasks }: ReviewVariables, inputs: readonly InputValue[]): CriticAnswer {
  const unfinished = tasks
    .filter((task) => task.status !== "completed")
    .map((task) => issue("high", "completeness", `task ${task.ordinal} is ${task.status}`, task.name));
  const completed = tasks.filter((task) => task.status === "completed");
  const found = completed.map((task) => ({ task, input: inputs.find((input) => input.ordinal === task.ordinal) }));
  const missing = found
    .filter(({ input }) => input === undefined || input.result === null)
    .map(({ task }) => issue("high", "completeness", `task ${task.ordinal} has no result`, task.name));
  const checked = found.flatMap(({ task, input }) => {
    const result = input === undefined ? null : parseResult(input.result);
    const results = result === null ? [] : listResults(result);
    return results.flatMap((single) =>
      faultsOf(single).map((fault) => issue("high", "correctness", fault, `task ${task.ordinal}: ${task.name}`)),
    );
  });
  const issues = [...unfinished, ...missing, ...checked];
  const penalty = issues.reduce((sum, { severity }) => sum + PENALTY[severity], 0);
  const strengths = issues.length === 0 ? [`all ${tasks.length} tasks completed with results that are whole`] : [];
  return { approved: issues.length === 0, overall_score: Math.max(0, 10 - penalty), issues, strengths };
}

function faultsOf(result: SingleResult): string[] {
  switch (result.kind) {
    case "file":
      return result.bytes > 0 ? [] : [`${result.path} is empty`];
    case "number":
      return Number.isFinite(result.value) ? [] : [`${result.label} is not a finite number`];
    case "table": {
      const ragged = result.rows.filter((row) => row.length !== result.columns.length).length;
      return [
        ...(result.rows.length === 0 && result.of === "groups" ? [`the table "${result.title}" has no rows`] : []),
        ...(ragged > 0 ? [`${ragged} rows of the table "${result.title}" do not fit its ${result.columns.length} columns`] : []),
      ];
    }
  }
}

function issue(severity: Issue["severity"], category: string, description: string, location: string): Issue {
  return { severity, category, description, location, suggestion: "look at the task's own error or result" };
}

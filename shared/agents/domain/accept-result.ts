import type { JsonValue } from "../../platform/json.ts";
import type { AcceptanceCheck } from "../contracts/task-policy.ts";
import { checkResult, isProgram, type ProgramCheck } from "./check-result.ts";
import { type CheckOutcome, failWith, type Intent, type JournalEntry, type Next } from "./journal.ts";

/**
 * Lets a result count only if it passes the checks of its task: first those that need nothing but the result, then the programs, which the
 * sandbox runs. `tests` are the answers of the journal to those programs, in their order; none until they were asked for. A check that
 * cannot be carried out is not passed. Advisory checks are counted and stop nothing.
 */
export function acceptResult(acceptance: readonly AcceptanceCheck[], result: JsonValue, tests: readonly JournalEntry[]): Next {
  const judged = acceptance.flatMap((check, position): CheckOutcome[] =>
    isProgram(check) ? [] : [outcomeOf(check, position, checkResult(check, result))],
  );
  if (judged.some(stops)) return refuse(judged);
  const programs = acceptance.flatMap((check, position) => (isProgram(check) ? [{ check, position }] : []));
  if (programs.length > 0 && tests.length === 0) {
    return { kind: "effects", intents: programs.map(({ check, position }) => askSandbox(check, position, result)) };
  }
  const tested = programs.map(({ check, position }, index) => outcomeOf(check, position, readTest(tests[index])));
  const checks = [...judged, ...tested].toSorted((left, right) => left.position - right.position);
  return checks.some(stops) ? refuse(checks) : { kind: "done", result, checks };
}

function outcomeOf(check: AcceptanceCheck, position: number, reason: string | null): CheckOutcome {
  return { position, kind: check.kind, advisory: check.advisory ?? false, reason };
}

function stops(outcome: CheckOutcome): boolean {
  return outcome.reason !== null && !outcome.advisory;
}

function refuse(checks: CheckOutcome[]): Next {
  const reasons = checks.filter(stops).map(({ kind, reason }) => `- ${kind}: ${reason}`);
  return { ...failWith("acceptance-failed", reasons.join("\n"), true), checks };
}

function askSandbox(check: ProgramCheck, position: number, input: JsonValue): Intent {
  const program =
    check.kind === "sql_assertion"
      ? { tool: "assert_sql", arguments: { query: check.query, input } }
      : { tool: "execute_javascript", arguments: { code: check.code, input } };
  return { kind: "tool", safety: "repeatable", request: { ...program, call_id: `acceptance-${position}` } };
}

/** Why a program did not pass; null when it handed out true. */
function readTest(entry: JournalEntry | undefined): string | null {
  if (entry?.state === "failed") return `${entry.error.code}: ${entry.error.detail}`;
  if (entry?.state !== "done") return "the test gave no answer";
  const { result } = entry;
  const value = typeof result === "object" && result !== null && !Array.isArray(result) ? result["value"] : undefined;
  if (value === true) return null;
  return typeof value === "string" ? value.slice(0, 1_000) : `the test handed out ${(JSON.stringify(value) ?? "nothing").slice(0, 200)}`;
}

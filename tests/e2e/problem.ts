import { expect } from "vitest";
import { Problem } from "../../shared/platform/api/problem.ts";
import type { Reply } from "./api.ts";

/** What no answer may show: stack frames, files of ours, statements, names of libraries. */
const INTERNALS = /\bat .+:\d+:\d+|node_modules|\.ts\b|\.js\b|\b(SELECT|INSERT|UPDATE)\b|ZodError|pglite|postgres|Error:/i;

/** A problem+json of this status that tells the caller nothing about our insides. */
export function expectProblem(reply: Reply, status: number, code?: string): Problem {
  expect({ status: reply.status, text: reply.text }).toMatchObject({ status });
  expect(reply.headers.get("content-type")).toBe("application/problem+json");
  const problem = Problem.parse(reply.body);
  expect(problem.status).toBe(status);
  if (code !== undefined) expect(problem.type).toBe(`/problems/${code}`);
  expect(problem.detail ?? "").not.toMatch(INTERNALS);
  return problem;
}

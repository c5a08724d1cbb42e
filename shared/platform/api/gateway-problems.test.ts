import { describe, expect, test } from "vitest";
import { describeGatewayProblems } from "./gateway-problems.ts";
import { Problem } from "./problem.ts";

const problems = Object.entries(describeGatewayProblems());

describe("an answer that API Gateway gives by itself", () => {
  test.each(problems)("%s is a problem like any other, with the id of its request", (_, { status, headers, body }) => {
    expect(Problem.parse(JSON.parse(body))).toMatchObject({ status, instance: "$context.requestId" });
    expect(headers["content-type"]).toBe("application/problem+json");
  });

  test.each([
    ["MISSING_AUTHENTICATION_TOKEN", 404, "/problems/not-found"],
    ["UNAUTHORIZED", 401, "/problems/unauthenticated"],
    ["ACCESS_DENIED", 403, "/problems/forbidden"],
    ["THROTTLED", 429, "/problems/rate-limited"],
    ["INTEGRATION_TIMEOUT", 504, "/problems/gateway-timeout"],
    ["REQUEST_TOO_LARGE", 413, "/problems/too-large"],
    ["DEFAULT_5XX", 500, "/problems/internal"],
  ])("%s is %i %s", (name, status, type) => {
    const { [name]: problem } = describeGatewayProblems();

    expect({ status: problem?.status, type: Problem.parse(JSON.parse(problem?.body ?? "{}")).type }).toEqual({ status, type });
  });

  test("says when to come back, and how to sign in", () => {
    const { THROTTLED: throttled, UNAUTHORIZED: unauthorized } = describeGatewayProblems();

    expect(throttled?.headers["retry-after"]).toBe("1");
    expect(unauthorized?.headers["www-authenticate"]).toBe("Bearer");
  });

  test("holds nothing that API Gateway would take for a variable but the id", () => {
    expect(problems.flatMap(([, { body }]) => body.replaceAll("$context.requestId", "").match(/[$#]/g) ?? [])).toEqual([]);
  });
});

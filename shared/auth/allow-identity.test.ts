import { expect, test } from "vitest";
import { allowIdentity } from "./allow-identity.ts";

const identity = { workspaceId: "w", userId: "u", scopes: ["runs:read", "runs:write"] };
const arn = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/v1/runs/0198c0de";

test("allows every route of the stage, for API Gateway keeps the answer", () => {
  const { policyDocument } = allowIdentity(identity, arn);

  expect(policyDocument.Statement).toEqual([
    { Action: "execute-api:Invoke", Effect: "Allow", Resource: "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/*" },
  ]);
});

test("tells handlers who it is in plain texts, the only values that pass", () => {
  expect(allowIdentity(identity, arn).context).toEqual({ workspace_id: "w", user_id: "u", scopes: "runs:read runs:write" });
  expect(allowIdentity({ ...identity, sessionId: "s" }, arn)).toMatchObject({ principalId: "u", context: { session_id: "s" } });
});

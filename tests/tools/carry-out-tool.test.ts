import { beforeEach, describe, expect, it } from "vitest";
import type { ClaimedEffect } from "../../shared/effects/contract.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import type { JsonObject } from "../../shared/platform/json.ts";
import { carryOutTool, type ToolDeps } from "../../shared/tools/hands/carry-out-tool.ts";
import { listFiles, type WorkspaceFiles, writeFile } from "../../shared/tools/workspace-files.ts";
import { createWorkspace } from "./workspace.ts";

let workspace: WorkspaceFiles;
let invokes: unknown[];
let deps: ToolDeps;
beforeEach(async () => {
  workspace = await createWorkspace();
  invokes = [];
  deps = {
    getS3: async () => workspace.s3,
    bucket: workspace.bucket,
    invoke: async (...call) => {
      invokes.push(call);
      return { ok: false, code: "memory", detail: "too much", logs: [] };
    },
    sandboxFunction: "sandbox-function",
  };
});

const carryOut = (request: JsonObject) => {
  const { workspaceId: workspace_id, runId: run_id } = workspace;
  const lease = { lease_token: uuidv7(), lease_seconds: 90, kind: "tool", safety: "repeatable" } as const;
  const effect: ClaimedEffect = { effect_id: uuidv7(), try: 1, ...lease, workspace_id, run_id, task_id: uuidv7(), request };
  return carryOutTool(deps, effect, new AbortController().signal);
};
const call = (tool: string, args: JsonObject): JsonObject => ({ tool, call_id: "call-1", arguments: args });

describe("a claimed call of a tool", () => {
  it("works on the files of its own run", async () => {
    expect(await carryOut(call("write_file", { path: "a.txt", content: "hello" }))).toMatchObject({ status: "done", result: { bytes: 5 } });
    expect(await listFiles(workspace)).toEqual([{ path: "a.txt", bytes: 5 }]);
  });

  it("hands programs to the sandbox as the tenant that its workspace is", async () => {
    await writeFile(workspace, "a.csv", "n\n1\n");
    await carryOut(call("execute_javascript", { code: "output(1)", files: ["a.csv"] }));
    const program = { code: "output(1)", files: { "a.csv": "n\n1\n" }, limits: { time_ms: 10_000 } };
    expect(invokes).toEqual([["sandbox-function", program, { tenantId: workspace.workspaceId }]]);
  });

  it("that fails is an outcome that no retry would change", async () => {
    expect(await carryOut(call("execute_javascript", { code: "output(1)" }))).toEqual({
      status: "failed",
      error: { code: "memory", detail: "too much", retryable: false },
    });
    expect(await carryOut(call("read_file", { path: "absent" }))).toMatchObject({ status: "failed", error: { code: "not-found" } });
    expect(await carryOut(call("http_request", {}))).toMatchObject({ status: "failed", error: { code: "unknown_tool" } });
  });

  it.each([{}, { tool: "read_file" }, { tool: 1, call_id: "a", arguments: {} }, { ...call("read_file", { path: "a" }), extra: 1 }])(
    "has to be one: %j",
    async (request) => {
      await expect(carryOut(request)).rejects.toMatchObject({ code: "invalid-request" });
    },
  );
});

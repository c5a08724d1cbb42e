import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { ExecuteJavascriptOutput, ReadFileOutput } from "../../shared/tools/contract.ts";
import type { ToolRequest } from "../../shared/tools/contracts/tool-request.ts";
import { runTool } from "../../shared/tools/hands/run-tool.ts";
import { countJsonBytes, TOOL_OUTPUT_BYTES, type ToolContext, type ToolOutcome } from "../../shared/tools/hands/tool-outcome.ts";
import type { SandboxRequest } from "../../shared/tools/sandbox/contract.ts";
import { createSandbox } from "../../shared/tools/sandbox/create-sandbox.ts";
import { readFile, writeFile } from "../../shared/tools/workspace-files.ts";
import { createWorkspace } from "./workspace.ts";

const sandbox = createSandbox({ entry: "dist/local/sandbox/child.js" });
afterAll(() => sandbox.close());

let context: ToolContext;
beforeEach(async () => {
  context = {
    files: await createWorkspace(),
    runSandbox: (request, signal) => sandbox.run(request, signal),
    signal: new AbortController().signal,
  };
});

const run = (tool: string, args: ToolRequest["arguments"], more: Partial<ToolContext> = {}) =>
  runTool({ tool, call_id: "call-1", arguments: args }, { ...context, ...more });
const outputOf = (outcome: ToolOutcome) => {
  if (!outcome.ok) throw new Error(outcome.detail);
  return outcome.output;
};

describe("write_file and read_file", () => {
  it("give back what was written", async () => {
    const written = outputOf(await run("write_file", { path: "report.md", content: "# Pingüinos 🐧" }));
    expect(written).toMatchObject({ path: "report.md", bytes: 17 });
    const read = ReadFileOutput.parse(outputOf(await run("read_file", { path: "report.md" })));
    expect(read).toEqual({ ...Object(written), content: "# Pingüinos 🐧", truncated: false });
  });

  it("write the same when they are repeated", async () => {
    const first = await run("write_file", { path: "a", content: "x" });
    expect(await run("write_file", { path: "a", content: "x" })).toEqual(first);
  });

  it("cut a long file after 64 KiB, between two characters, and tell the size and hash of the whole", async () => {
    const content = `x${"é".repeat(50_000)}`;
    const written = outputOf(await run("write_file", { path: "long", content }));
    const read = ReadFileOutput.parse(outputOf(await run("read_file", { path: "long" })));
    expect(read).toMatchObject({ ...Object(written), bytes: 100_001, truncated: true });
    expect(read.content).toBe(content.slice(0, 32_768));
  });

  it("cut a file of control characters earlier, so that the JSON of them still fits", async () => {
    await writeFile(context.files, "control", "\u0001".repeat(60_000));
    const output = outputOf(await run("read_file", { path: "control" }));
    expect(countJsonBytes(output)).toBeLessThanOrEqual(TOOL_OUTPUT_BYTES);
    expect(output).toMatchObject({ bytes: 60_000, truncated: true });
  });

  it("keep a byte order mark", async () => {
    await writeFile(context.files, "bom", "\uFEFFa");
    expect(outputOf(await run("read_file", { path: "bom" }))).toMatchObject({ content: "\uFEFFa", truncated: false });
  });

  it("say that a file is absent", async () => {
    expect(await run("read_file", { path: "absent.csv" })).toMatchObject({
      ok: false,
      code: "not-found",
      detail: expect.stringContaining("absent.csv"),
    });
  });

  it("say that a file is not text", async () => {
    await writeFile(context.files, "image.png", Uint8Array.of(0x89, 0x50, 0xff));
    expect(await run("read_file", { path: "image.png" })).toMatchObject({ ok: false, code: "not_text" });
  });

  it("refuse a file that is too long to be read at all", async () => {
    await writeFile(context.files, "huge", new Uint8Array(16 * 1024 * 1024 + 1));
    expect(await run("read_file", { path: "huge" })).toMatchObject({ ok: false, code: "too-large" });
  });
});

describe("execute_javascript", () => {
  it("computes on the files it names", async () => {
    await writeFile(context.files, "data/a.csv", "n\n1\n2\n");
    const code = `console.log("rows"); output(files["data/a.csv"].trim().split("\\n").slice(1).map((n) => n * input.by))`;
    const output = ExecuteJavascriptOutput.parse(
      outputOf(await run("execute_javascript", { code, input: { by: 10 }, files: ["data/a.csv"] })),
    );
    expect(output).toMatchObject({ value: [10, 20], logs: ["rows"] });
  });

  it("sees no file that it does not name", async () => {
    await writeFile(context.files, "other", "x");
    expect(outputOf(await run("execute_javascript", { code: "output(Object.keys(files))" }))).toMatchObject({ value: [] });
  });

  it("hands a failure on with what was printed before", async () => {
    const outcome = await run("execute_javascript", { code: "console.log('here'); null.x" });
    expect(outcome).toMatchObject({ ok: false, code: "exception" });
    expect(outcome).toMatchObject({ detail: expect.stringMatching(/TypeError[^]*Printed before:\nhere$/) });
  });

  it("says which file is absent, or is not text", async () => {
    await writeFile(context.files, "image.png", Uint8Array.of(0xff));
    const code = "output(1)";
    expect(await run("execute_javascript", { code, files: ["gone.csv"] })).toMatchObject({ code: "not-found" });
    expect(await run("execute_javascript", { code, files: ["image.png"] })).toMatchObject({ code: "not_text" });
  });

  it("gives the program the time that the tool has", async () => {
    const seen: SandboxRequest[] = [];
    const runSandbox: ToolContext["runSandbox"] = async (request) => {
      seen.push(request);
      return { ok: true, value: 1, logs: [], duration_ms: 1 };
    };
    await run("execute_javascript", { code: "output(1)" }, { runSandbox });
    expect(seen).toEqual([{ code: "output(1)", files: {}, limits: { time_ms: 10_000 } }]);
  });

  it("drops printed lines rather than a value that fills the message", async () => {
    const code = "for (let index = 0; index < 900; index += 1) console.log('\\u0001'.repeat(60)); output('x'.repeat(100_000))";
    const outcome = outputOf(await run("execute_javascript", { code }));
    const output = ExecuteJavascriptOutput.parse(outcome);
    expect(output.value).toBe("x".repeat(100_000));
    expect(output.logs.at(-1)).toBe("(later lines were not kept)");
    expect(output.logs.length).toBeGreaterThan(10);
    expect(countJsonBytes(outcome)).toBeLessThanOrEqual(TOOL_OUTPUT_BYTES);
  });

  it("throws what only we can mend", async () => {
    const runSandbox = () => Promise.reject(new Error("no such function"));
    await expect(run("execute_javascript", { code: "output(1)" }, { runSandbox })).rejects.toThrow("no such function");
  });

  it("stops when its caller does", async () => {
    const stop = new AbortController();
    const outcome = run("execute_javascript", { code: "for (;;) {}" }, { signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(outcome).rejects.toThrow("stopped");
  });
});

describe("a call that cannot be carried out", () => {
  it.each(["http_request", "execute_python", "made_up", "constructor", "__proto__", ""])("names no working tool: %j", async (tool) => {
    expect(await run(tool, {})).toMatchObject({ ok: false, code: "unknown_tool" });
  });

  it.each([
    ["read_file", {}, "path: "],
    ["read_file", { path: 5 }, "path: "],
    ["read_file", { path: "../../other-run/secret" }, "path: no . or .. segments"],
    ["read_file", { path: "a", encoding: "latin1" }, '"encoding"'],
    ["write_file", { path: "a" }, "content: "],
    ["write_file", { path: "/etc/passwd", content: 1 }, "content: "],
    ["write_file", { path: "a", content: "x".repeat(1_000_001) }, "content: "],
    ["execute_javascript", { code: "" }, "code: "],
    ["execute_javascript", { code: "output(1)", files: ["a", "b\\c"] }, "files.1: "],
    ["execute_javascript", { code: "output(1)", timeout: 99 }, '"timeout"'],
  ])("names what is wrong with the arguments of %s %j", async (tool, args, part) => {
    expect(await run(tool, args)).toMatchObject({ ok: false, code: "invalid_arguments", detail: expect.stringContaining(part) });
  });

  it("writes nothing when an argument is wrong", async () => {
    await run("write_file", { path: "a", content: "x", append: true });
    await expect(readFile(context.files, "a", 10)).rejects.toMatchObject({ code: "not-found" });
  });
});

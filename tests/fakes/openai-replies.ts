import type { ChatRequest } from "./openai-request.ts";

export type FakeReply =
  | {
      kind: "answer";
      content?: string | null;
      /** `arguments` as the model wrote them, which need not be JSON. */
      tool_calls?: { name: string; arguments: string }[];
      refusal?: string;
      finish_reason?: "stop" | "length" | "tool_calls" | "content_filter" | null;
      /** Instead of what the fake would count; null leaves usage out, as some compatible servers do. */
      usage?: FakeUsage | null;
    }
  | { kind: "error"; status: number; message?: string; code?: string; headers?: Record<string, string> }
  /** A 200 with this body, whatever it is. */
  | { kind: "raw"; body: string; contentType?: string }
  /** Headers of a 200 and the beginning of a body, then nothing more. */
  | { kind: "stall" }
  /** The connection is closed without an answer. */
  | { kind: "hang-up" };

export type FakeUsage = { prompt_tokens: number; completion_tokens: number; cached_tokens?: number; cache_write_tokens?: number };

/** May keep its caller waiting; who hung up meanwhile is answered nothing and billed nothing. */
export type Script = (request: ChatRequest, callNumber: number) => FakeReply | Promise<FakeReply>;

/**
 * A model that does its roles' work in the plainest way: plans two tasks, calls one tool a task and reports what it answered, approves, and
 * summarises by repeating.
 */
export const playRoles = (request: ChatRequest): FakeReply => {
  const user = readUser(request);
  switch (roleOf(request)) {
    case "planner":
      return answer(plan(readBlock(user, "goal"), readBlock(user, "tools")));
    case "executor":
      return execute(request, readBlock(user, "task"));
    case "critic":
      return answer({ approved: true, overall_score: 9, issues: [], strengths: ["Every task reported a result."] });
    case "summarizer":
      return answer({
        summary: `Results: ${readBlock(user, "inputs")}`.slice(0, 20_000),
        key_points: [readBlock(user, "goal").slice(0, 2_000)],
        confidence: 0.9,
      });
    default:
      return { kind: "answer", content: "Hello." };
  }
};

function plan(goal: string, tools: string): unknown {
  const task = (id: string, tool: string, description: string, dependencies: string[]) => ({
    id,
    name: description.slice(0, 60),
    description,
    required_capabilities: tools.includes(`"${tool}"`) ? [tool] : [],
    dependencies,
    estimated_duration_seconds: 5,
    complexity: "low",
    fallback_strategy: "fail",
  });
  return {
    tasks: [
      task("t1", "execute_javascript", `Compute what this goal asks for: ${goal.slice(0, 1_000)}`, []),
      task("t2", "write_file", "Write the result of t1 to report.md", ["t1"]),
    ],
    risks: [],
  };
}

function execute(request: ChatRequest, task: string): FakeReply {
  const last = request.messages.at(-1);
  if (last?.role === "tool") {
    return answer({ status: "success", output: { result: last.content, details: "What the tool answered." }, error: "" });
  }
  const offered = new Set(request.tools?.map((tool) => tool.function.name));
  const call = (name: string, values: unknown): FakeReply => ({
    kind: "answer",
    content: null,
    tool_calls: [{ name, arguments: JSON.stringify(values) }],
  });
  if (task.includes("Write") && offered.has("write_file"))
    return call("write_file", { path: "report.md", content: "# Report\n\nThe answer is 42.\n" });
  if (offered.has("execute_javascript")) return call("execute_javascript", { code: "output(6 * 7)" });
  return answer({ status: "failure", output: { result: null, details: "" }, error: "No tool was offered." });
}

export const answer = (value: unknown): FakeReply => ({ kind: "answer", content: JSON.stringify(value) });

/** A role is known by the name of its answer's schema, such as `planner_v1`. */
export function roleOf({ response_format: format }: ChatRequest): string {
  return format?.type === "json_schema" ? (format.json_schema.name.split("_v")[0] ?? "") : "";
}

/** What the user said, in all its messages. */
export function readUser(request: ChatRequest): string {
  return request.messages.map((message) => (message.role === "user" ? message.content : "")).join("\n");
}

/** The text between the fences of one label, whatever their length. */
export function readBlock(text: string, label: string): string {
  return new RegExp(`^(\`{3,})${label}\\n([\\s\\S]*?)\\n\\1$`, "m").exec(text)?.[2] ?? "";
}

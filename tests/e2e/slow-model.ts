import { answer, type FakeReply, readBlock, readUser, roleOf, type Script } from "../fakes/openai-replies.ts";
import type { ChatRequest } from "../fakes/openai-request.ts";

export type SlowModel = {
  readonly script: Script;
  /** How often it was asked. */
  calls(): number;
  /** Keeps back its answers to calls for this role, or for this task of an executor; undefined: to none any more. */
  hold(roleOrTask: string | undefined): void;
  /** Somebody waits for an answer that is kept back, or did until he was killed. */
  isHolding(): boolean;
};

/** Tasks by name, each with those it waits for: `compute N` runs a program, `write N` repeats in a file what it was handed. */
export type SlowPlan = Record<string, string[]>;

const WIDE: SlowPlan = {
  "compute 1": [],
  "compute 2": [],
  "compute 3": ["compute 1"],
  "compute 4": ["compute 1", "compute 2"],
  "write 5": ["compute 3"],
  "compute 6": ["compute 4", "write 5"],
  "compute 7": ["compute 6"],
  "write 8": ["compute 3", "compute 4", "compute 7"],
  "write 9": ["write 8", "compute 2"],
};

/** A model that takes its time, in answering and in the programs that it writes: whoever is killed is killed at work. */
export function createSlowModel({ plan = WIDE, answerMs = 50, programMs = 100 } = {}): SlowModel {
  let calls = 0;
  let kept: string | undefined;
  let waiting: (() => void)[] = [];
  return {
    calls: () => calls,
    hold(roleOrTask) {
      kept = roleOrTask;
      for (const release of waiting) release();
      waiting = [];
    },
    isHolding: () => waiting.length > 0,
    async script(request) {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      if (kept !== undefined && [roleOf(request), taskOf(request)].includes(kept))
        await new Promise<void>((resolve) => waiting.push(resolve));
      return reply(request, plan, programMs);
    },
  };
}

function reply(request: ChatRequest, plan: SlowPlan, programMs: number): FakeReply {
  switch (roleOf(request)) {
    case "planner":
      return answer({ tasks: Object.entries(plan).map(([name, parents]) => planTask(name, parents)), risks: [] });
    case "executor":
      return execute(request, programMs);
    case "critic":
      return answer({ approved: true, overall_score: 9, issues: [], strengths: [] });
    default:
      return answer({ summary: "Done.", key_points: [], confidence: 1 });
  }
}

function planTask(name: string, dependencies: string[]): object {
  return {
    id: name,
    name,
    description: name,
    required_capabilities: [],
    dependencies,
    estimated_duration_seconds: 1,
    complexity: "low",
    fallback_strategy: "fail",
  };
}

function execute(request: ChatRequest, programMs: number): FakeReply {
  const [verb, number] = taskOf(request).split(" ");
  const last = request.messages.at(-1);
  if (verb === "compute") {
    if (last?.role === "tool") return report(/"value":\s*(\d+)/.exec(last.content)?.[1], last.content);
    return call("execute_javascript", { code: `const end = Date.now() + ${programMs}; while (Date.now() < end); output(${number} * 7)` });
  }
  const path = `file-${number}.txt`;
  if (last?.role === "tool") return report(last.content.includes(path) ? path : undefined, last.content);
  return call("write_file", { path, content: readBlock(readUser(request), "inputs") });
}

function call(name: string, values: object): FakeReply {
  return { kind: "answer", content: null, tool_calls: [{ name, arguments: JSON.stringify(values) }] };
}

function report(result: string | undefined, told: string): FakeReply {
  if (result === undefined) return answer({ status: "failure", output: { result: null, details: "" }, error: told });
  return answer({ status: "success", output: { result, details: "" }, error: "" });
}

/** The name of the task that an executor is asked to carry out. */
function taskOf(request: ChatRequest): string {
  return /"name":\s*"((?:compute|write) \d+)"/.exec(readBlock(readUser(request), "task"))?.[1] ?? "";
}
